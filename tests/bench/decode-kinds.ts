// What the decoding benchmark decodes: events, images and vectors in each format, directly and by making values first.

import { seededRandom } from '../../core/random.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { avroValueDecoder } from '../../stream/avro/decode-avro.ts'
import { avroProgram } from '../../stream/avro/program.ts'
import { parseAvroSchema } from '../../stream/avro/schema.ts'
import { bytesDecoder } from '../../stream/bytes/decode-bytes.ts'
import { jsonValueDecoder } from '../../stream/json/decode-json.ts'
import { protobufValueDecoder } from '../../stream/protobuf/decode-protobuf.ts'
import { protobufProgram } from '../../stream/protobuf/program.ts'
import { parseProto } from '../../stream/protobuf/schema.ts'
import { type DecodeValue, type RowCollector, rowCollector } from '../../stream/rows/rows.ts'
import { UNSCANNABLE } from '../stream/carriers.ts'
import { avroEvent, avroImage, avroVector, type BenchEvent } from './encode-avro.ts'
import { benchEvents, EVENT_AVRO, EVENT_COLUMNS } from './events.ts'

export interface Opened {
  readonly rows: RowCollector
  readonly decode: DecodeValue
}

export interface Kind {
  readonly name: string
  readonly values: readonly Buffer[]
  readonly direct: () => Opened
  /** makes a value for each field first */
  readonly byValues: () => Opened
}

type Specs = readonly ColumnSpec[]

function opener(specs: Specs, decoderOf: (rows: RowCollector) => DecodeValue): () => Opened {
  return () => {
    const rows = rowCollector(specs, 0)
    return { rows, decode: decoderOf(rows) }
  }
}

export function jsonKind(name: string, specs: Specs, events: readonly object[]): Kind {
  const more = [...specs, UNSCANNABLE]
  return {
    name: `${name}, JSON`,
    values: events.map((event) => Buffer.from(JSON.stringify(event))),
    direct: opener(specs, (rows) => jsonValueDecoder(specs, rows)),
    byValues: opener(more, (rows) => jsonValueDecoder(more, rows)),
  }
}

export function avroKind(name: string, specs: Specs, schema: string, values: readonly Buffer[]): Kind {
  const writer = parseAvroSchema(schema)
  const program = avroProgram(writer, writer, specs)
  return {
    name: `${name}, Avro`,
    values,
    direct: opener(specs, (rows) => avroValueDecoder({ writer, reader: writer }, specs, rows)),
    byValues: opener(specs, (rows) => bytesDecoder({ program, direct: () => -1, what: 'Avro', specs, rows })),
  }
}

export function protobufKind(name: string, specs: Specs, text: string, events: readonly object[]): Kind {
  const type = parseProto({ text }).at(-1)!
  const program = protobufProgram(type, specs)
  return {
    name: `${name}, Protobuf`,
    values: events.map((event) => Buffer.from(type.encode(type.fromObject(event)).finish())),
    direct: opener(specs, (rows) => protobufValueDecoder(type, specs, rows)),
    byValues: opener(specs, (rows) => bytesDecoder({ program, direct: () => -1, what: 'Protobuf', specs, rows })),
  }
}

const EVENT_PROTO = `syntax = "proto3"; message Event { string id = 1; int64 ts = 2;
  ${[0, 1, 2, 3, 4, 5].map((i) => `optional double f${i} = ${i + 3};`).join(' ')}
  string category = 9; optional int32 label = 10; }`

function eventKinds(count: number): Kind[] {
  const events = Array.from(benchEvents(count), (json) => JSON.parse(json) as BenchEvent)
  return [
    jsonKind('events of 10 fields', EVENT_COLUMNS, events),
    avroKind('events of 10 fields', EVENT_COLUMNS, EVENT_AVRO, events.map(avroEvent)),
    protobufKind('events of 10 fields', EVENT_COLUMNS, EVENT_PROTO, events),
  ]
}

const IMAGE_COLUMNS: Specs = [
  { name: 'id', kind: 'id' },
  { name: 'image', kind: 'numbers', length: 784, min: 0, max: 255, integers: true },
  { name: 'digit', kind: 'category', values: [...'0123456789'] },
]
const IMAGE_AVRO = recordOf({ id: 'string', image: 'bytes', digit: 'string' })

/** Like handwritten digits: four fifths of the pixels are 0. */
function imageKinds(count: number): Kind[] {
  const random = seededRandom(7)
  const pixel = (): number => (random() < 0.8 ? 0 : Math.floor(random() * 256))
  const images = Array.from({ length: count }, (_, i) => {
    return { id: `img-${i}`, image: Array.from({ length: 784 }, pixel), digit: String(i % 10) }
  })
  const values = images.map(({ id, image, digit }) => avroImage(id, image, digit))
  return [
    jsonKind('images of 784 bytes', IMAGE_COLUMNS, images),
    avroKind('images of 784 bytes', IMAGE_COLUMNS, IMAGE_AVRO, values),
  ]
}

const VECTOR_COLUMNS: Specs = [
  { name: 'id', kind: 'id' },
  { name: 'vector', kind: 'numbers', length: 384, min: -1, max: 1, integers: false },
]
const VECTOR_AVRO = recordOf({ id: 'string', vector: { type: 'array', items: 'float' } })
const VECTOR_PROTO = 'syntax = "proto3"; message Vector { string id = 1; repeated float vector = 2; }'

/** Elements with eight digits. */
function vectorKinds(count: number): Kind[] {
  const random = seededRandom(8)
  const element = (): number => Number((random() * 2 - 1).toFixed(8))
  const vectors = Array.from({ length: count }, (_, i) => {
    return { id: `vec-${i}`, vector: Array.from({ length: 384 }, element) }
  })
  const values = vectors.map(({ id, vector }) => avroVector(id, vector))
  return [
    jsonKind('vectors of 384 floats', VECTOR_COLUMNS, vectors),
    avroKind('vectors of 384 floats', VECTOR_COLUMNS, VECTOR_AVRO, values),
    protobufKind('vectors of 384 floats', VECTOR_COLUMNS, VECTOR_PROTO, vectors),
  ]
}

function recordOf(types: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    type: 'record',
    name: 'R',
    fields: Object.entries(types).map(([name, type]) => ({ name, type })),
  })
}

export const mixedKinds = (): Kind[] => [...eventKinds(250_000), ...imageKinds(10_000), ...vectorKinds(10_000)]
