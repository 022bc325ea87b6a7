// One value of a column as a person or a program reads it.
import { type Column, isValid } from '../../schemas/columns.ts'

/** Text, number, boolean, list of numbers; a time in ms as a number where it is exact; bytes as hex; null: missing. */
export function cellAt(column: Column, row: number): unknown {
  if (!isValid(column.valid, row)) return null
  switch (column.type) {
    case 'utf8':
      return text(column, row)
    case 'binary':
      return Buffer.from(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!)).toString('hex')
    case 'dictionary':
      return column.dictionary[column.codes[row]!]!
    case 'bool':
      return column.values[row] === 1
    case 'list':
      return [...column.values.subarray(row * column.width, (row + 1) * column.width)]
    case 'int64': {
      const value = column.values[row]!
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    }
    default:
      return column.values[row]!
  }
}

function text({ bytes, offsets }: Extract<Column, { type: 'utf8' | 'binary' }>, row: number): string {
  return new TextDecoder().decode(bytes.subarray(offsets[row]!, offsets[row + 1]!))
}
