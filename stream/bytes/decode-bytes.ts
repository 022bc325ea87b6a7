// Values of a binary format → rows: directly where that is possible, else by making values first.
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { DecodeValue, RowCollector } from '../rows/rows.ts'
import { BytesProblem } from '../rows/schema-problem.ts'
import type { Cursor } from './cursor.ts'
import { type DirectProgram, directDecoder } from './direct.ts'

/** Takes records directly where that is possible, else by a program that reads one value and throws BytesProblem when the bytes do not follow their schema. */
export function bytesDecoder({
  program,
  direct,
  what,
  specs,
  rows,
}: {
  readonly program: (cursor: Cursor, out: unknown[]) => void
  /** the same, without making values */
  readonly direct: DirectProgram
  /** what the bytes should be, for reasons */
  readonly what: string
  readonly specs: readonly ColumnSpec[]
  readonly rows: RowCollector
}): DecodeValue {
  const values: unknown[] = specs.map(() => undefined)
  const cursor: Cursor = { bytes: Buffer.alloc(0), at: 0, end: 0, depth: 0 }
  const takesDirectly = directDecoder(direct, specs, rows)
  return (record, start, end, prefix = '') => {
    if (takesDirectly(record, start, end)) return
    cursor.bytes = record.bytes
    cursor.at = start
    cursor.end = end
    cursor.depth = 0
    try {
      program(cursor, values)
    } catch (error) {
      if (!(error instanceof BytesProblem)) throw error
      rows.reject(record, [`${prefix}not ${what}: ${error.message}`])
      return
    }
    rows.add(record, values, prefix)
  }
}
