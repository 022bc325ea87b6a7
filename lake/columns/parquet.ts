// Columns → a Parquet file for the warehouse, by a library.
import { ByteWriter, parquetWrite } from 'hyparquet-writer'
import { type Column, type Columns, isValid } from '../../schemas/columns.ts'

/** The library's own type of it is not exported. */
type Element = NonNullable<Parameters<typeof parquetWrite>[0]['schema']>[number]

/**
 * One file, snappy-compressed. Mapping: utf8 and dictionary → STRING, binary → BYTE_ARRAY, float64 → DOUBLE, int32 → INT32,
 * int64 → INT64, those of `times` → TIMESTAMP(MILLIS, UTC), bool → BOOLEAN, list → LIST of UINT_8 or FLOAT. All columns are nullable.
 * A `_timestamp` that a record does not have is null.
 */
export function encodeParquet({ rows, byName }: Columns, times: ReadonlySet<string> = new Set()): Uint8Array {
  const columns = Object.entries(byName)
  // converted types without logical ones: with both, readers refuse what the library writes for timestamps
  const schema: Element[] = [{ name: 'root', num_children: columns.length }]
  for (const [name, column] of columns) schema.push(...elementsOf(name, column, times.has(name)))
  const columnData = columns.map(([name, column]) => ({ name, data: cellsOf(column, rows, name === '_timestamp') }))
  const writer = new ByteWriter()
  parquetWrite({ writer, schema, columnData, createdBy: 'sluice' })
  return writer.getBytes()
}

function elementsOf(name: string, column: Column, isTime: boolean): Element[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const
  switch (column.type) {
    case 'utf8':
    case 'dictionary':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }]
    case 'binary':
      return [{ ...optional, type: 'BYTE_ARRAY' }]
    case 'float64':
      return [{ ...optional, type: 'DOUBLE' }]
    case 'int32':
      return [{ ...optional, type: 'INT32' }]
    case 'int64':
      return [{ ...optional, type: 'INT64', ...(isTime ? { converted_type: 'TIMESTAMP_MILLIS' as const } : {}) }]
    case 'bool':
      return [{ ...optional, type: 'BOOLEAN' }]
    case 'list': {
      const required = { name: 'element', repetition_type: 'REQUIRED' } as const
      const element: Element =
        column.values instanceof Uint8Array
          ? { ...required, type: 'INT32', converted_type: 'UINT_8' }
          : { ...required, type: 'FLOAT' }
      return [
        { ...optional, num_children: 1, converted_type: 'LIST' },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        element,
      ]
    }
  }
}

/** `isTimestamp`: of records, where Kafka writes −1 for none. */
function cellsOf(column: Column, rows: number, isTimestamp: boolean): unknown[] {
  const cell = readerOf(column)
  const cells = Array.from({ length: rows }, (_, row) => (isValid(column.valid, row) ? cell(row) : null))
  return isTimestamp ? cells.map((value) => (value === -1n ? null : value)) : cells
}

function readerOf(column: Column): (row: number) => unknown {
  switch (column.type) {
    case 'utf8': {
      const text = Buffer.from(column.bytes.buffer, column.bytes.byteOffset, column.bytes.byteLength)
      return (row) => text.toString('utf8', column.offsets[row], column.offsets[row + 1])
    }
    case 'binary':
      return (row) => column.bytes.subarray(column.offsets[row], column.offsets[row + 1])
    case 'dictionary':
      return (row) => column.dictionary[column.codes[row]!]
    case 'bool':
      return (row) => column.values[row] === 1
    case 'list':
      return (row) => Array.from(column.values.subarray(row * column.width, (row + 1) * column.width))
    case 'int64': // of times the library takes milliseconds too
    case 'float64':
    case 'int32':
      return (row) => column.values[row]
  }
}
