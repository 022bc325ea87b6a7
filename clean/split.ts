// Which split a row belongs to: decided by a stable hash of one column, so that no row ever moves between runs.
import { strict as assert } from 'node:assert'
import { type Column, isValid } from '../schemas/columns.ts'
import type { SplitSpec } from '../schemas/plan.ts'
import { murmur3 } from './hash.ts'

/** Splits of all datasets so far were cut with this seed: changing it moves rows between train and test. */
const SPLIT_SEED = 0
const HASHES = 2 ** 32

/**
 * Writes the index into SPLITS (0 train, 1 validate, 2 test) of each row.
 * Hashed are the UTF-8 bytes of a text, id or category, the decimal digits of a time; a missing value counts as empty.
 */
export function assignSplits(split: SplitSpec, column: Column, assigned: Uint8Array): void {
  const trainEnd = Math.round(split.train * HASHES)
  const validateEnd = Math.round((split.train + split.validate) * HASHES)
  const splitOf: SplitOf = (hash) => (hash < trainEnd ? 0 : hash < validateEnd ? 1 : 2)
  if (column.type === 'utf8') assignByBytes(column, splitOf, assigned)
  else assignByText(column, splitOf, assigned)
}

type SplitOf = (hash: number) => number

function assignByBytes(
  column: Extract<Column, { type: 'utf8' | 'binary' }>,
  splitOf: SplitOf,
  assigned: Uint8Array,
): void {
  const { offsets, bytes, valid } = column
  for (let row = 0; row < assigned.length; row++) {
    const start = offsets[row]!
    const end = isValid(valid, row) ? offsets[row + 1]! : start
    assigned[row] = splitOf(murmur3(bytes, start, end, SPLIT_SEED))
  }
}

function assignByText(column: Column, splitOf: SplitOf, assigned: Uint8Array): void {
  const missing = splitOf(hashText(''))
  if (column.type === 'dictionary') {
    const byCode = column.dictionary.map((value) => splitOf(hashText(value)))
    for (let row = 0; row < assigned.length; row++) {
      assigned[row] = isValid(column.valid, row) ? byCode[column.codes[row]!]! : missing
    }
    return
  }
  assert(column.type === 'int64', `a split column is an id, category, text or time, not ${column.type}`)
  for (let row = 0; row < assigned.length; row++) {
    assigned[row] = isValid(column.valid, row) ? splitOf(hashText(String(column.values[row]!))) : missing
  }
}

function hashText(text: string): number {
  const bytes = Buffer.from(text)
  return murmur3(bytes, 0, bytes.length, SPLIT_SEED)
}
