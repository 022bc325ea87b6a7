// Rows of the training matrix are named by the part of the dataset that holds them.
import { expect, it } from 'vitest'
import { describeRows } from '../../../stages/train/describe-rows.ts'

const parts = [
  { key: 'parts/a.arrow', rows: 10 },
  { key: 'parts/b.arrow', rows: 5 },
]

it('names part and row', () => {
  expect(describeRows(Int32Array.of(9, 10, 0, 14), parts)).toBe('rows 9, 0 of parts/a.arrow and 0, 4 of parts/b.arrow')
})

it('says how many there are', () => {
  expect(
    describeRows(
      Int32Array.from({ length: 12 }, (_, i) => i),
      parts,
    ),
  ).toBe('rows 0, 1, 2, 3, 4, 5, 6, 7 of parts/a.arrow (12 rows in all)')
})
