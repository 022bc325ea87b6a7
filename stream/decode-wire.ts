// Confluent's wire format → rows: a zero byte, the id of a schema, and a value of any format.
import type { ColumnSpec } from '../schemas/columns.ts'
import type { RawRecord } from './record.ts'
import { type DecodeValue, type RecordDecoder, type RowCollector, rowCollector } from './rows/rows.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'

/*
 * Value => magic schemaId [messageIndexes] payload
 *   magic      INT8   0
 *   schemaId   INT32  big-endian
 *   messageIndexes    Protobuf only, see protobuf/decode-protobuf.ts
 */
const MAGIC = 0
const HEADER_BYTES = 5

/**
 * A record whose schema has not been loaded yet waits, and those behind it too, so that rows and rejects keep the order of their offsets:
 * once per schema and thread. `settle` asks the registry and decodes them; it throws what the registry throws.
 */
export function wireDecoder({
  specs,
  partition,
  registry,
  compile,
}: {
  readonly specs: readonly ColumnSpec[]
  readonly partition: number
  readonly registry: SchemaRegistry
  /** null: the registry does not know the id */
  readonly compile: (schema: RegisteredSchema | null, rows: RowCollector) => DecodeValue
}): RecordDecoder {
  const rows = rowCollector(specs, partition)
  const decoders = new Map<number, DecodeValue>()
  const waiting: RawRecord[] = []
  const decode = (record: RawRecord, decodeValue: DecodeValue, id: number): void =>
    decodeValue(record, record.valueStart + HEADER_BYTES, record.valueStart + record.valueLength, `schema ${id}: `)
  const decoderOf = (id: number): DecodeValue | undefined => {
    const known = decoders.get(id)
    const schema = known === undefined ? registry.loaded(id) : undefined
    if (schema === undefined) return known
    const compiled = compile(schema, rows)
    decoders.set(id, compiled)
    return compiled
  }
  return {
    add(record) {
      const id = schemaIdOf(record)
      const known = typeof id === 'number' ? decoderOf(id) : undefined
      if (waiting.length > 0 || (typeof id === 'number' && known === undefined)) waiting.push(copyOf(record))
      else if (typeof id === 'string') rows.reject(record, [id])
      else decode(record, known!, id)
    },
    async settle() {
      for (const record of waiting) {
        const id = schemaIdOf(record)
        if (typeof id === 'string') {
          rows.reject(record, [id])
          continue
        }
        if (!decoders.has(id)) decoders.set(id, compile(await registry.schemaOf(id), rows))
        decode(record, decoders.get(id)!, id)
      }
      waiting.length = 0
    },
    finish: rows.finish,
  }
}

/** The id, or the reason why there is none. */
function schemaIdOf({ bytes, valueStart, valueLength }: RawRecord): number | string {
  if (valueLength < 0) return 'no value'
  if (valueLength < HEADER_BYTES) return `expected a zero byte and a schema id, found ${valueLength} bytes`
  const magic = bytes[valueStart]!
  if (magic !== MAGIC) return `expected a zero byte and a schema id, found byte ${magic}`
  return bytes.readUInt32BE(valueStart + 1)
}

/** Reader and buffers are reused by the next record. */
function copyOf(record: RawRecord): RawRecord {
  const start = record.keyStart
  const end = record.headersEnd
  return {
    ...record,
    bytes: Buffer.from(record.bytes.subarray(start, end)),
    keyStart: 0,
    valueStart: record.valueStart - start,
    headersStart: record.headersStart - start,
    headersEnd: end - start,
  }
}
