// How much a row counts in training, and what is no label or weight of 32-bit floats.
import { expect, it } from 'vitest'
import { labelsOf, rowWeights } from '../../../ml/features/labels.ts'
import { batchOf, type Cell } from '../../clean/rows.ts'

const weightsOf = (cells: readonly Cell[]) => {
  const rows = cells.map((weight, offset) => ({ cells: { weight }, partition: 0, offset, key: null }))
  return rowWeights(batchOf([{ name: 'weight', kind: 'number' }], rows), 'weight')
}

it('a missing weight counts one', () => {
  expect([...weightsOf([0.5, null, 0, 3])]).toEqual([0.5, 1, 0, 3])
})

it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY, 1e39])('%d is no weight, and its row is named', (weight) => {
  expect(() => weightsOf([1, null, weight])).toThrow(
    expect.objectContaining({ code: 'WEIGHT_INVALID', facts: { column: 'weight', found: weight, row: 2 } }),
  )
})

const numbersOf = (cells: readonly Cell[]) => {
  const rows = cells.map((y, row) => ({ cells: { y }, partition: 2, offset: 40 + row, key: null }))
  return labelsOf(batchOf([{ name: 'y', kind: 'number' }], rows), { task: 'number', column: 'y' })
}

it('labels keep their values', () => {
  expect([...numbersOf([0, -1.5, 1e19])]).toEqual([0, -1.5, Math.fround(1e19)])
})

it.each([1e38, -1e39, 1e200])('%d is no label, and its event is named', (y) => {
  expect(() => numbersOf([1, y])).toThrow(
    expect.objectContaining({
      code: 'LABEL_OVERFLOW',
      facts: { column: 'y', found: `${y} in partition 2 at offset 41` },
    }),
  )
})
