// How much a row counts in training.
import { expect, it } from 'vitest'
import { rowWeights } from '../../../ml/features/labels.ts'
import { batchOf, type Cell } from '../../clean/rows.ts'

const weightsOf = (cells: readonly Cell[]) => {
  const rows = cells.map((weight, offset) => ({ cells: { weight }, partition: 0, offset, key: null }))
  return rowWeights(batchOf([{ name: 'weight', kind: 'number' }], rows), 'weight')
}

it('a missing weight counts one', () => {
  expect([...weightsOf([0.5, null, 0, 3])]).toEqual([0.5, 1, 0, 3])
})

it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('%d is no weight, and its row is named', (weight) => {
  expect(() => weightsOf([1, null, weight])).toThrow(
    expect.objectContaining({ code: 'WEIGHT_INVALID', facts: { column: 'weight', found: weight, row: 2 } }),
  )
})
