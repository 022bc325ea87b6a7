// Checks between columns of one row: an order, an equality, a sum.
import { strict as assert } from 'node:assert'
import type { Column } from '../schemas/columns.ts'
import type { CheckSpec } from '../schemas/plan.ts'
import { integersOf } from './integers.ts'

type CompareSpec = Extract<CheckSpec, { check: 'compare' }>

/** A call for each row; marks of rows that failed before stay. */
export function markUncompared(
  relation: CompareSpec['relation'],
  { column, other, failed }: { readonly column: Column; readonly other: Column; readonly failed: Uint8Array },
): void {
  const [left, right] = [numbersOf(column), numbersOf(other)]
  for (let row = 0; row < failed.length; row++) {
    const [a, b] = [left(row), right(row)]
    const holds = relation === 'less' ? a < b : relation === 'atMost' ? a <= b : a === b
    if (!holds) failed[row] = 1
  }
}

/** |value − sum| ≤ within; the sum in float64, in the order of the columns. */
export function markUnequalSums(
  { within }: Pick<Extract<CheckSpec, { check: 'sum' }>, 'within'>,
  {
    column,
    parts,
    failed,
  }: { readonly column: Column; readonly parts: readonly Column[]; readonly failed: Uint8Array },
): void {
  const total = numbersOf(column)
  const summands = parts.map(numbersOf)
  for (let row = 0; row < failed.length; row++) {
    let sum = 0
    for (const summand of summands) sum += summand(row)
    if (!(Math.abs(total(row) - sum) <= within)) failed[row] = 1
  }
}

/** Numbers, or times in milliseconds. */
function numbersOf(column: Column): (row: number) => number {
  if (column.type === 'int64') return integersOf(column.values)
  assert(column.type === 'float64', `rows are compared by numbers and times, not by ${column.type}`)
  const { values } = column
  return (row) => values[row]!
}
