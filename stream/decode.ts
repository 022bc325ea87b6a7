// The decoder of a source: which format its records have, and where their schemas come from.
import type { ColumnSpec } from '../schemas/columns.ts'
import { failure } from '../schemas/failures.ts'
import type { SourceSpec } from '../schemas/plan.ts'
import { avroValueDecoder } from './avro/decode-avro.ts'
import { columnsOutside } from './avro/program.ts'
import { type AvroType, parseAvroSchema } from './avro/schema.ts'
import { wireDecoder } from './decode-wire.ts'
import { jsonDecoder, jsonValueDecoder } from './json/decode-json.ts'
import { indexedProtobufDecoder, protobufValueDecoder } from './protobuf/decode-protobuf.ts'
import { columnsOutsideMessage } from './protobuf/program.ts'
import { messageNamed, parseProto } from './protobuf/schema.ts'
import { type DecodeValue, type RecordDecoder, type RowCollector, rowCollector } from './rows/rows.ts'
import { SchemaProblem } from './rows/schema-problem.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'

type Specs = readonly ColumnSpec[]

export interface DecoderOptions {
  readonly source: SourceSpec
  readonly columns: Specs
  readonly partition: number
  /** needed by sources that say so */
  readonly registry: SchemaRegistry | null
}

/** A decoder for the records of one partition. Throws SCHEMA_INVALID, CONFIG_INVALID. */
export function openDecoder({ source, columns, partition, registry }: DecoderOptions): RecordDecoder {
  if (source.registry === true) {
    if (registry === null)
      throw failure('CONFIG_INVALID', { name: 'SLUICE_SCHEMA_REGISTRY', expected: 'a URL', found: 'nothing' })
    return wireDecoder({ specs: columns, partition, registry, compile: registeredCompiler(source, columns) })
  }
  if (source.format === 'json') return jsonDecoder(columns, partition)
  const rows = rowCollector(columns, partition)
  const decode = ownSchema(source, () => fixedDecoder(source, columns, rows))
  return {
    add(record) {
      if (record.valueLength < 0) rows.reject(record, ['no value'])
      else decode(record, record.valueStart, record.valueStart + record.valueLength)
    },
    finish: rows.finish,
  }
}

/** Whether the schema in a pipeline file can be read and has a field for every column. Throws SCHEMA_INVALID. */
export function checkSource(source: SourceSpec, columns: Specs): void {
  if (source.schema === undefined) return
  ownSchema(source, () => fixedDecoder(source, columns, rowCollector(columns, 0)))
}

/** Records of the schema that the pipeline gives: every column must be in it, since a misspelt one would be missing for ever. */
function fixedDecoder(source: SourceSpec, columns: Specs, rows: RowCollector): DecodeValue {
  if (source.format === 'avro') {
    const schema = readerSchema(source, columns)!
    return avroValueDecoder({ writer: schema, reader: schema }, columns, rows)
  }
  const message = messageNamed(parseProto({ text: source.schema! }), source.message)
  requireNone(columnsOutsideMessage(message, columns))
  return protobufValueDecoder(message, columns, rows)
}

/** null: columns see the schema of each writer. */
function readerSchema(source: SourceSpec, columns: Specs): AvroType | null {
  if (source.schema === undefined) return null
  const schema = parseAvroSchema(source.schema)
  requireNone(columnsOutside(schema, columns))
  return schema
}

function requireNone([outside]: readonly string[]): void {
  if (outside !== undefined) throw new SchemaProblem(`expected a field for column ${outside}, found none`)
}

/** Decoders by registered schema. One that cannot be used rejects its records, with the reason: never a crash. */
function registeredCompiler(source: SourceSpec, columns: Specs) {
  const reader = ownSchema(source, () => readerSchema(source, columns))
  return (schema: RegisteredSchema | null, rows: RowCollector): DecodeValue => {
    try {
      if (schema === null) throw new SchemaProblem('expected a schema that the registry knows, found none')
      if (schema.format !== source.format)
        throw new SchemaProblem(`expected a schema of format ${source.format}, found ${schema.format}`)
      return registeredDecoder(schema, { reader, columns, rows })
    } catch (error) {
      if (!(error instanceof SchemaProblem)) throw error
      return (record, _start, _end, prefix) => rows.reject(record, [`${prefix}${error.message}`])
    }
  }
}

interface Target {
  readonly reader: AvroType | null
  readonly columns: Specs
  readonly rows: RowCollector
}

function registeredDecoder(schema: RegisteredSchema, { reader, columns, rows }: Target): DecodeValue {
  const { format, text, references } = schema
  if (format === 'json') return jsonValueDecoder(columns, rows)
  if (format === 'protobuf') return indexedProtobufDecoder(parseProto({ text, imports: references }), columns, rows)
  const needed = references.map((reference) => reference.text)
  const writer = parseAvroSchema(text, needed)
  return avroValueDecoder({ writer, reader: reader ?? writer }, columns, rows)
}

function ownSchema<T>({ topic, format }: SourceSpec, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error
    throw failure('SCHEMA_INVALID', { format, topic, detail: error.message }, error)
  }
}
