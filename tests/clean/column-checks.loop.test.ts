// Checks between columns agree with the obvious loop over rows, whatever is missing.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkRows } from '../../clean/kernels.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { CheckSpec } from '../../schemas/plan.ts'
import { batchOf, type Cell } from './rows.ts'

const NUMBERS: readonly ColumnSpec[] = ['a', 'b', 'c'].map((name) => ({ name, kind: 'number' }))
const TIMES: readonly ColumnSpec[] = ['a', 'b'].map((name) => ({ name, kind: 'time' }))
const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
/** as far as a time may lie from 1970 */
const time = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -8.64e15, max: 8.64e15 }))

function expectAgreement(
  columns: readonly ColumnSpec[],
  cell: fc.Arbitrary<number>,
  check: CheckSpec,
  holds: (a: number, b: number, c: number) => boolean,
): void {
  const cells = fc.record(Object.fromEntries(columns.map(({ name }) => [name, fc.option(cell, { nil: null })])))
  fc.assert(
    fc.property(fc.array(cells, { maxLength: 40 }), fc.double({ min: 0, max: 0.99, noNaN: true }), (drawn, noise) => {
      const rows = drawn.map((each, offset) => ({
        cells: each as Record<string, Cell>,
        partition: 0,
        offset,
        key: null,
      }))
      const expected = drawn.map(({ a, b, c }) => {
        const named = check.check === 'sum' ? [a, b, c] : [a, b]
        return named.every((value) => value !== null) && holds(a!, b!, c!) ? 0 : 1
      })
      const { failed, count } = checkRows(
        check,
        batchOf(columns, rows, () => noise),
      )
      expect([...failed]).toEqual(expected)
      expect(count).toBe(expected.filter((mark) => mark === 1).length)
    }),
  )
}

const compare = (relation: 'less' | 'atMost' | 'equal') =>
  ({ check: 'compare', column: 'a', relation, other: 'b' }) as const

test.each([
  ['less', (a: number, b: number) => a < b],
  ['atMost', (a: number, b: number) => a <= b],
  ['equal', (a: number, b: number) => a === b],
] as const)('%s', (relation, holds) => {
  expectAgreement(NUMBERS, number, compare(relation), holds)
  expectAgreement(TIMES, time, compare(relation), holds)
})

test.each([0, 0.5, 3])('a sum to within %d', (within) => {
  const check = { check: 'sum', column: 'a', of: ['b', 'c'], within } as const
  expectAgreement(NUMBERS, number, check, (a, b, c) => Math.abs(a - (b + c)) <= within)
})

test('prices add up to a cent', () => {
  const rows = [
    [0.3, 0.1, 0.2],
    [119, 100, 19.004],
    [119, 100, 18.98],
  ].map(([a, b, c], offset) => ({ cells: { a: a!, b: b!, c: c! }, partition: 0, offset, key: null }))
  const marks = (within: number) => [
    ...checkRows({ check: 'sum', column: 'a', of: ['b', 'c'], within }, batchOf(NUMBERS, rows)).failed,
  ]
  expect(marks(0.005)).toEqual([0, 0, 1])
  expect(marks(0)).toEqual([1, 1, 1]) // 0.1 + 0.2 is not 0.3
})
