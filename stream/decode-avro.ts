// Avro values → rows: one program per writer's schema.
import type { ColumnSpec } from '../schemas/columns.ts'
import { avroProgram } from './avro-program.ts'
import type { AvroType } from './avro-schema.ts'
import type { Cursor } from './cursor.ts'
import type { DecodeValue } from './decode-json.ts'
import type { RowCollector } from './rows.ts'
import { BytesProblem } from './schema-problem.ts'

/** A decoder of values that are written with `writer`; columns name fields of `reader`. */
export function avroValueDecoder(
  schemas: { readonly writer: AvroType; readonly reader: AvroType },
  specs: readonly ColumnSpec[],
  rows: RowCollector,
): DecodeValue {
  const program = avroProgram(schemas.writer, schemas.reader, specs)
  return bytesDecoder({ program, what: 'Avro of this schema', specs, rows })
}

/** Runs a program that reads one value and throws BytesProblem when the bytes do not follow their schema. */
export function bytesDecoder({
  program,
  what,
  specs,
  rows,
}: {
  readonly program: (cursor: Cursor, out: unknown[]) => void
  /** what the bytes should be, for reasons */
  readonly what: string
  readonly specs: readonly ColumnSpec[]
  readonly rows: RowCollector
}): DecodeValue {
  const values: unknown[] = specs.map(() => undefined)
  const cursor: Cursor = { bytes: Buffer.alloc(0), at: 0, end: 0, depth: 0 }
  return (record, start, end, prefix = '') => {
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
