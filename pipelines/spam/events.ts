// The mails of mails.tsv as events: 2,600 in the first batch, the others in the second.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoEvent, type DemoOptions, failure, permutation, seededRandom } from 'sluice'

const FIRST_BATCH = 2_600
/** Decides which mail belongs to which batch, and nothing else: ids must not move between batches. */
const ORDER_SEED = 3200

/** Events {"id", "text": subject and body, "spam"}; the first batch also holds one mail that nobody judged and one without text. */
export function* events({ batch, count = Number.POSITIVE_INFINITY }: DemoOptions): Iterable<DemoEvent> {
  for (const mail of batchOf(readMails(), batch).slice(0, count)) yield { key: mail.id, value: JSON.stringify(mail) }
  if (batch !== 1) return
  yield { key: 'unjudged', value: JSON.stringify({ id: 'unjudged', text: 'Hello there, how are you?', spam: null }) }
  yield { key: 'no-text', value: JSON.stringify({ id: 'no-text', spam: true }) }
}

interface Mail {
  readonly id: string
  readonly text: string
  readonly spam: boolean
}

function batchOf(mails: readonly Mail[], batch: number): Mail[] {
  const [start, end] = batch === 1 ? [0, FIRST_BATCH] : [FIRST_BATCH, mails.length]
  if (batch !== 1 && batch !== 2) {
    throw failure('INPUT_INVALID', { what: 'batch', path: 'spam', expected: '1 or 2', found: batch })
  }
  return [...permutation(mails.length, seededRandom(ORDER_SEED)).subarray(start, end)].map((row) => mails[row]!)
}

function readMails(): Mail[] {
  const [, ...lines] = readFileSync(join(import.meta.dirname, 'mails.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => {
    const [id = '', spam, subject = '', body = ''] = line.split('\t')
    return { id, text: `${subject}\n${body}`, spam: spam === 'true' }
  })
}
