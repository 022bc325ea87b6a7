// Checks over whole columns: each marks the rows that fail, by loops over typed arrays and bitmaps.
import { strict as assert } from 'node:assert'
import type { Column, Columns, Validity } from '../schemas/columns.ts'
import type { CheckSpec } from '../schemas/plan.ts'
import { markUncompared, markUnequalSums } from './column-checks.ts'

/** Which rows failed (one byte a row, 1 = failed) and how many. */
export interface Failures {
  readonly failed: Uint8Array
  readonly count: number
}

/** Judges the rows of a batch. A missing value, in any column that the check looks at, fails it. */
export function checkRows(check: CheckSpec, { rows, byName }: Columns): Failures {
  const columns = columnsOf(check).map((name) => {
    const column = byName[name]
    assert(column, `batches hold the column ${name}`)
    return column
  })
  const [column, ...others] = columns as [Column, ...Column[]]
  const failed = new Uint8Array(rows)
  for (const { valid } of columns) markMissing(valid, failed)
  switch (check.check) {
    case 'present':
      break
    case 'between':
      markOutside(column, check.low, check.high, failed)
      break
    case 'oneOf':
      markUnlisted(column, new Set(check.values), failed)
      break
    case 'longer':
      markShort(column, check.bytes, failed)
      break
    case 'compare':
      markUncompared(check.relation, { column, other: others[0]!, failed })
      break
    case 'sum':
      markUnequalSums(check, { column, parts: others, failed })
      break
  }
  return { failed, count: countMarks(failed) }
}

/** Names of the columns that a check looks at; the first is the one that it is about. */
export function columnsOf(check: CheckSpec): readonly [string, ...string[]] {
  if (check.check === 'compare') return [check.column, check.other]
  return check.check === 'sum' ? [check.column, ...check.of] : [check.column]
}

function markMissing(valid: Validity, failed: Uint8Array): void {
  if (valid === null) return
  for (let row = 0; row < failed.length; row++) failed[row]! |= ((valid[row >> 3]! >> (row & 7)) & 1) ^ 1
}

/** low ≤ value ≤ high; what stands in a missing slot does not matter, since its mark is already set. */
function markOutside(column: Column, low: number, high: number, failed: Uint8Array): void {
  if (column.type === 'float64' || column.type === 'int32') {
    const { values } = column
    for (let row = 0; row < failed.length; row++) {
      const value = values[row]!
      if (!(value >= low && value <= high)) failed[row] = 1
    }
    return
  }
  assert(column.type === 'int64', `between is for numbers and times, not ${column.type}`)
  for (let row = 0; row < failed.length; row++) {
    const value = Number(column.values[row]!)
    if (!(value >= low && value <= high)) failed[row] = 1
  }
}

function markUnlisted(column: Column, listed: ReadonlySet<string>, failed: Uint8Array): void {
  if (column.type === 'dictionary') {
    const bad = Uint8Array.from(column.dictionary, (value) => (listed.has(value) ? 0 : 1))
    for (let row = 0; row < failed.length; row++) {
      if (failed[row] === 0 && bad[column.codes[row]!] === 1) failed[row] = 1
    }
    return
  }
  assert(column.type === 'utf8', `oneOf is for categories and texts, not ${column.type}`)
  const text = new TextDecoder('utf-8', { ignoreBOM: true })
  for (let row = 0; row < failed.length; row++) {
    if (failed[row] === 1) continue
    const value = text.decode(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!))
    if (!listed.has(value)) failed[row] = 1
  }
}

function markShort(column: Column, bytes: number, failed: Uint8Array): void {
  if (column.type === 'dictionary') {
    const bad = Uint8Array.from(column.dictionary, (value) => (Buffer.byteLength(value) > bytes ? 0 : 1))
    for (let row = 0; row < failed.length; row++) {
      if (failed[row] === 0 && bad[column.codes[row]!] === 1) failed[row] = 1
    }
    return
  }
  assert(column.type === 'utf8' || column.type === 'binary', `longer is for texts, not ${column.type}`)
  const { offsets } = column
  for (let row = 0; row < failed.length; row++) {
    if (offsets[row + 1]! - offsets[row]! <= bytes) failed[row] = 1
  }
}

function countMarks(marks: Uint8Array): number {
  let count = 0
  for (let row = 0; row < marks.length; row++) count += marks[row]!
  return count
}
