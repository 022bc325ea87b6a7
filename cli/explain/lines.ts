// Words of explanations as lines that fit a terminal of 80 columns.

const WIDTH = 80

/** Breaks at spaces; a word that is wider than the line stays whole. Every line after the first begins with as many spaces as `first` is long. */
export function folded(first: string, text: string): string[] {
  const room = Math.max(20, WIDTH - first.length)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= room || line === '') line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].map((each, i) => `${i === 0 ? first : ' '.repeat(first.length)}${each}`.trimEnd())
}

/** "2026-12-01 04:10:11 UTC"; null: nobody noted it. */
export function timeInWords(at: string | null): string {
  return at === null ? 'at a time that was not noted' : `${at.slice(0, 19).replace('T', ' ')} UTC`
}

export const threadsInWords = (threads: number): string => (threads === 1 ? '1 thread' : `${threads} threads`)
