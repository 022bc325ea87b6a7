// The sentences of snippets.tsv as events: 8,000 in the first batch, the others in the second.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoEvent, type DemoOptions, failure, permutation, seededRandom } from 'sluice'

const FIRST_BATCH = 8_000
/** Decides which sentence belongs to which batch, and nothing else: ids must not move between batches. */
const ORDER_SEED = 9173

/** Events {"id", "sentence", "opinion": "negative" | "positive", "rating"}; opinion is the sign of the rating. */
export function* events({ batch, count = Number.POSITIVE_INFINITY }: DemoOptions): Iterable<DemoEvent> {
  for (const snippet of batchOf(readSnippets(), batch).slice(0, count)) {
    yield { key: snippet.id, value: JSON.stringify(snippet) }
  }
}

interface Snippet {
  readonly id: string
  readonly sentence: string
  readonly opinion: 'negative' | 'positive'
  /** mean of the people's ratings, −4 to 4 */
  readonly rating: number
}

function batchOf(snippets: readonly Snippet[], batch: number): Snippet[] {
  const [start, end] = batch === 1 ? [0, FIRST_BATCH] : [FIRST_BATCH, snippets.length]
  if (batch !== 1 && batch !== 2) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'sentiment', expected: '1 or 2', found: batch })
  }
  return [...permutation(snippets.length, seededRandom(ORDER_SEED)).subarray(start, end)].map((row) => snippets[row]!)
}

function readSnippets(): Snippet[] {
  const [, ...lines] = readFileSync(join(import.meta.dirname, 'snippets.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => {
    const [id = '', rating = '', sentence = ''] = line.split('\t')
    const opinion = Number(rating) > 0 ? 'positive' : 'negative'
    return { id: `film-${id.padStart(5, '0')}`, sentence, opinion, rating: Number(rating) }
  })
}
