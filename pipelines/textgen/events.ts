// Passages of Moby-Dick as events: the first hundred chapters in the first batch, the others in the second.
import { type DemoEvent, type DemoOptions, failure } from 'sluice'
import { readPassages } from './passages.ts'

const FIRST_CHAPTERS = 100

/** Events {"id", "chapter", "body"}; the first batch also holds one message without a body and one too short to learn from. */
export function* events({ batch, count = Number.POSITIVE_INFINITY }: DemoOptions): Iterable<DemoEvent> {
  if (batch !== 1 && batch !== 2) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'textgen', expected: '1 or 2', found: batch })
  }
  const inBatch = (chapter: number): boolean => chapter <= FIRST_CHAPTERS === (batch === 1)
  const passages = readPassages().filter(({ chapter }) => inBatch(chapter))
  for (const passage of passages.slice(0, count)) yield { key: passage.id, value: JSON.stringify(passage) }
  if (batch !== 1) return
  yield { key: 'empty', value: JSON.stringify({ id: 'empty', chapter: 1 }) }
  yield { key: 'short', value: JSON.stringify({ id: 'short', chapter: 1, body: 'Call me.' }) }
}
