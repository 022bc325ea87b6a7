// Which of equal ids stays: one pass where the order of rows is that of arrival, two where it is not.
import { expect, test } from 'vitest'
import { firstsOf } from '../../clean/first-arrivals.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import { batchOf, COLUMNS, type Row } from './rows.ts'

const row = (id: string | null, partition: number, offset: number, time = 0): Row => ({
  cells: { id },
  partition,
  offset,
  key: null,
  time,
})

/** Marks of two passes, the second only where it is needed. */
function marksOf(rows: readonly Row[], arrivals: readonly Arrival[] = [], taken: readonly number[] = []) {
  const firsts = firstsOf({ columns: COLUMNS }, arrivals)!
  const pass = () => {
    const marks = Uint8Array.from(rows, (_, i) => (taken.includes(i) ? 1 : 0))
    const count = firsts.markLater(batchOf(COLUMNS, rows), marks, 9)
    expect(count).toBe(marks.filter((mark) => mark === 9).length)
    return [...marks]
  }
  const first = pass()
  if (!firsts.isOvertaken()) return { passes: 1, marks: first }
  firsts.settle()
  return { passes: 2, marks: pass() }
}

test('within a partition and a snapshot the lower offset stays', () => {
  expect(marksOf([row('a', 0, 1), row('b', 0, 2), row('a', 0, 3)])).toEqual({ passes: 1, marks: [0, 0, 9] })
})

test('what an earlier snapshot brought stays', () => {
  const arrivals = [
    { partition: 1, end: 10, version: 1 },
    { partition: 0, end: 10, version: 2 },
  ]
  const rows = [row('a', 0, 3, 100), row('a', 1, 4, 900)]
  expect(marksOf(rows, arrivals)).toEqual({ passes: 2, marks: [9, 0] })
})

test('a partition that grows later is of the later snapshot there', () => {
  const arrivals = [
    { partition: 0, end: 5, version: 1 },
    { partition: 1, end: 5, version: 1 },
    { partition: 0, end: 9, version: 2 },
  ]
  expect(marksOf([row('a', 0, 4, 8), row('a', 1, 4, 9)], arrivals).marks).toEqual([0, 9])
  expect(marksOf([row('a', 0, 5, 8), row('a', 1, 4, 9)], arrivals).marks).toEqual([9, 0])
})

test('within a snapshot the earlier time stays, a missing one is last', () => {
  expect(marksOf([row('a', 0, 1, 50), row('a', 1, 1, 40)])).toEqual({ passes: 2, marks: [9, 0] })
  expect(marksOf([row('a', 0, 1, -1), row('a', 1, 1, 40)]).marks).toEqual([9, 0])
  expect(marksOf([row('a', 0, 1, -1), row('a', 1, 1, -1)]).marks).toEqual([0, 9])
})

test('rows that are marked, and rows without id, have no equal', () => {
  expect(marksOf([row('a', 0, 1), row('a', 0, 2), row('a', 0, 3)], [], [0]).marks).toEqual([1, 0, 9])
  expect(marksOf([row(null, 0, 1), row(null, 0, 2)]).marks).toEqual([0, 0])
})
