// How often each value of a category column occurs.
import { strict as assert } from 'node:assert'
import { type Column, isValid } from '../schemas/columns.ts'

export type CategoryCounts = Map<string, number>

/** Adds the present values of the first `rows` rows to the counts. */
export function countCategories(counts: CategoryCounts, column: Column, rows: number): void {
  assert(column.type === 'dictionary', `categories are dictionary columns, not ${column.type}`)
  const byCode = new Int32Array(column.dictionary.length)
  for (let row = 0; row < rows; row++) if (isValid(column.valid, row)) byCode[column.codes[row]!]!++
  column.dictionary.forEach((value, code) => {
    if (byCode[code]! > 0) counts.set(value, (counts.get(value) ?? 0) + byCode[code]!)
  })
}

export function mergeCounts(counts: CategoryCounts, saved: readonly (readonly [value: string, count: number])[]): void {
  for (const [value, count] of saved) counts.set(value, (counts.get(value) ?? 0) + count)
}

/** The most frequent values first; equal counts in byte order, so that the order does not depend on arrival. */
export function mostFrequent(counts: CategoryCounts, limit: number): string[] {
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .slice(0, limit)
    .map(([value]) => value)
}
