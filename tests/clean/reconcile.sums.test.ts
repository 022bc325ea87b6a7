// An accounting that loses or invents a row is refused.
import { expect, test } from 'vitest'
import { checkAccounting } from '../../clean/reconcile.ts'

const sound = {
  in: 10,
  clean: 6,
  rejected: 3,
  duplicates: 1,
  rejectedBy: { decode: 1, rule: 2 },
  failures: { rule: 2, other: 4 },
  split: { train: 4, validate: 1, test: 1 },
}

test('accepts sums that agree', () => {
  expect(() => checkAccounting(sound)).not.toThrow()
})

test.each([
  ['a lost row', { in: 11 }],
  ['a row of no split', { split: { train: 3, validate: 1, test: 1 } }],
  ['a reject without reason', { rejectedBy: { decode: 1, rule: 1 } }],
  ['a count that is no number', { in: Number.NaN, clean: Number.NaN }],
])('refuses %s', (_, changes) => {
  expect(() => checkAccounting({ ...sound, ...changes })).toThrow(expect.objectContaining({ code: 'ROWS_UNACCOUNTED' }))
})
