// Avro values → rows: one program per writer's schema.
import type { ColumnSpec } from '../../schemas/columns.ts'
import { bytesDecoder } from '../bytes/decode-bytes.ts'
import type { DecodeValue, RowCollector } from '../rows/rows.ts'
import { avroDirectProgram } from './direct.ts'
import { avroProgram } from './program.ts'
import type { AvroType } from './schema.ts'

/** A decoder of values that are written with `writer`; columns name fields of `reader`. */
export function avroValueDecoder(
  schemas: { readonly writer: AvroType; readonly reader: AvroType },
  specs: readonly ColumnSpec[],
  rows: RowCollector,
): DecodeValue {
  const { writer, reader } = schemas
  const program = avroProgram(writer, reader, specs)
  const direct = avroDirectProgram(writer, reader, { specs, fields: rows.fields })
  return bytesDecoder({ program, direct, what: 'Avro of this schema', specs, rows })
}
