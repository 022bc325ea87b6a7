// Cells of columns, for tests: what a row holds, and what a value becomes in its column.
import type { Value } from '../../core/values.ts'
import { type Column, type ColumnSpec, type Columns, elementsAreBytes, isValid } from '../../schemas/columns.ts'

/** null: missing. 64-bit integers as numbers, bytes as text. */
export function cellOf(column: Column, row: number): unknown {
  if (!isValid(column.valid, row)) return null
  switch (column.type) {
    case 'utf8':
    case 'binary':
      return Buffer.from(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!)).toString()
    case 'dictionary':
      return column.dictionary[column.codes[row]!]
    case 'list':
      return [...column.values.subarray(row * column.width, (row + 1) * column.width)]
    case 'int64':
      return Number(column.values[row])
    default:
      return column.values[row]
  }
}

/** The values of one column. */
export function columnValues({ rows, byName }: Columns, name: string): unknown[] {
  return Array.from({ length: rows }, (_, row) => cellOf(byName[name]!, row))
}

/** What parseValue gave, as the column holds it: integers have no −0, elements that are no bytes are rounded to 32 bits. */
export function storedCell(spec: ColumnSpec, value: Value): unknown {
  if (spec.kind === 'time' && value !== null) return (value as number) + 0
  if (spec.kind !== 'numbers' || value === null) return value
  return (value as readonly number[]).map((x) => (elementsAreBytes(spec) ? x + 0 : Math.fround(x)))
}
