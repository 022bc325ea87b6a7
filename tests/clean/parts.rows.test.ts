// Rows per part: as many as always, fewer where lists or texts would become too large in memory.
import { expect, test } from 'vitest'
import { partRowsOf } from '../../clean/parts.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'

const ID: ColumnSpec = { name: 'id', kind: 'id' }
const text = (maxBytes: number): ColumnSpec => ({ name: 'body', kind: 'text', maxBytes })
const numbers = (length: number, max: number): ColumnSpec => {
  return { name: 'pixels', kind: 'numbers', length, min: 0, max, integers: true }
}

test.each<[string, readonly ColumnSpec[], number]>([
  ['short columns', [ID, text(1_000), numbers(3, 255)], 65_536],
  ['texts that int32 offsets could not reach', [ID, text(1_000_000)], 2_147], // 2^31 bytes at most
  ['lists of bytes', [ID, numbers(28 * 28 * 3, 255)], 28_532], // 64 MiB at most
  ['lists of floats', [ID, numbers(28 * 28 * 3, 1_000)], 7_133],
  ['the widest of several', [text(100_000), numbers(1_000, 1_000)], 16_777],
  ['a list above the bound', [numbers(20_000_000, 1_000)], 1],
])('%s', (_, columns, rows) => {
  expect(partRowsOf(columns)).toBe(rows)
})
