// Moby-Dick in passages: a few paragraphs of one chapter each.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Passage {
  /** e.g. "moby-dick-001-02": chapter, passage */
  readonly id: string
  readonly chapter: number
  readonly body: string
}

/** A passage ends with the paragraph that makes it so long. */
const ENOUGH_CHARACTERS = 1_200
const HEADING = /^CHAPTER (\d+)\. /

/** All passages, in the order of the book. Headings stay with the first paragraph of their chapter. */
export function readPassages(): Passage[] {
  const text = readFileSync(join(import.meta.dirname, 'moby-dick.txt'), 'utf8')
  const passages: Passage[] = []
  let [chapter, count] = [0, 0]
  let body = ''
  const close = (): void => {
    if (body === '') return
    const id = `moby-dick-${String(chapter).padStart(3, '0')}-${String(++count).padStart(2, '0')}`
    passages.push({ id, chapter, body })
    body = ''
  }
  for (const paragraph of text.trimEnd().split(/\n{2,}/)) {
    const heading = HEADING.exec(paragraph)
    if (heading !== null) {
      close()
      ;[chapter, count] = [Number(heading[1]), 0]
    }
    body += body === '' ? paragraph : `\n${paragraph}`
    if (body.length >= ENOUGH_CHARACTERS) close()
  }
  close()
  return passages
}
