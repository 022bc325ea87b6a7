// Files in the repository pin the bytes; pyarrow (tests/fixtures/lake/read-with-pyarrow.py) says what is in them.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeColumns, encodeColumns } from '../../../lake/columns/arrow.ts'
import { type Columns, isValid } from '../../../schemas/columns.ts'
import { GOLDEN } from '../../fixtures/lake/golden-columns.ts'

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/lake/${name}`, import.meta.url))

interface SeenByPyarrow {
  readonly batches: number
  readonly fields: readonly { readonly name: string; readonly nullable: boolean }[]
  readonly rows: readonly Record<string, unknown>[]
}

describe.each(Object.entries(GOLDEN))('the golden file %s', (name, columns) => {
  const expected = JSON.parse(fixture(`${name}.expected.json`).toString()) as SeenByPyarrow

  it('has the bytes that encode makes', () => {
    expect(Buffer.compare(encodeColumns(columns), fixture(`${name}.arrow`))).toBe(0)
  })
  it('says to pyarrow what it says to us', () => {
    expect(rowsLikePyarrow(decodeColumns(fixture(`${name}.arrow`)))).toEqual(expected.rows)
  })
  it('is one batch of nullable fields', () => {
    expect(expected.batches).toBe(1)
    expect(expected.fields.map((field) => field.name)).toEqual(Object.keys(columns.byName))
    expect(expected.fields.every((field) => field.nullable)).toBe(true)
  })
})

/** Rows in the JSON form of read-with-pyarrow.py. */
function rowsLikePyarrow({ rows, byName }: Columns): Record<string, unknown>[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(Object.entries(byName).map(([name, column]) => [name, valueAt(column, row)])),
  )
}

function valueAt(column: Columns['byName'][string], row: number): unknown {
  if (!isValid(column.valid, row)) return null
  switch (column.type) {
    case 'utf8':
      return Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString()
    case 'binary':
      return {
        base64: Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString('base64'),
      }
    case 'bool':
      return column.values[row] === 1
    case 'dictionary':
      return column.dictionary[column.codes[row]!]
    case 'list':
      return [...column.values.subarray(row * column.width, (row + 1) * column.width)]
    case 'int64': {
      const value = column.values[row]!
      return value > 2n ** 53n || value < -(2n ** 53n) ? { int: String(value) } : Number(value)
    }
    default:
      return Number.isNaN(column.values[row]) ? 'NaN' : column.values[row]
  }
}
