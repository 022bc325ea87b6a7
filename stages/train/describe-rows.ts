// Rows of the training matrix as a person can look them up: which part of the dataset, which row of it.
import type { PartRef } from '../../schemas/dataset.ts'

/** rows that are named one by one */
const SHOWN = 8

/** e.g. "rows 17, 4 of parts/ab….arrow and 3 of parts/cd….arrow (256 rows in all)". `positions`: rows of the parts, one part after the other. */
export function describeRows(positions: Int32Array, parts: readonly Pick<PartRef, 'key' | 'rows'>[]): string {
  const byPart = new Map<string, number[]>()
  for (const position of positions.subarray(0, SHOWN)) {
    const { key, row } = placeOf(position, parts)
    byPart.set(key, [...(byPart.get(key) ?? []), row])
  }
  const named = [...byPart].map(([key, rows]) => `${rows.join(', ')} of ${key}`).join(' and ')
  return positions.length > SHOWN ? `rows ${named} (${positions.length} rows in all)` : `rows ${named}`
}

function placeOf(position: number, parts: readonly Pick<PartRef, 'key' | 'rows'>[]): { key: string; row: number } {
  let row = position
  for (const part of parts) {
    if (row < part.rows) return { key: part.key, row }
    row -= part.rows
  }
  return { key: 'the windows of the training texts', row: position } // next-token training: a text has several windows
}
