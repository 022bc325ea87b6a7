// Records of eight columns of one kind, for the decoding benchmark: what each direct path wins, kind by kind.
import avsc from 'avsc'
import { type Random, seededRandom } from '../../core/random.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { avroKind, jsonKind, type Kind, protobufKind } from './decode-kinds.ts'

const WIDTH = 8

interface ColumnKind {
  readonly name: string
  /** of every column, its name left out */
  readonly spec: object
  /** types of its fields; null: the format has none of its own */
  readonly avro: unknown
  readonly proto: string | null
  readonly value: (random: Random) => unknown
  /** default true */
  readonly json?: boolean
  /** as Avro and Protobuf take it, default as in JSON */
  readonly avroValue?: (value: never) => unknown
  readonly protoValue?: (value: never) => unknown
}

const letters = (random: Random, length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789 '): string => {
  const all = [...alphabet]
  return Array.from({ length }, () => all[Math.floor(random() * all.length)]).join('')
}
const integer = (random: Random, below: number): number => Math.floor(random() * below)
const list = (length: number, element: () => number): number[] => Array.from({ length }, element)
const COUNTRIES = ['DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'BE', 'AT', 'CH', 'DK', 'SE', 'NO', 'FI', 'PT', 'IE', 'CZ']
const NOW = 1_700_000_000_000

const bytes = { kind: 'numbers', length: 64, min: 0, max: 255, integers: true }
const integers = { kind: 'numbers', length: 64, min: -1000, max: 1000, integers: true }
const floats = { kind: 'numbers', length: 64, min: -1, max: 1, integers: false }

const KINDS: readonly ColumnKind[] = [
  { name: 'ids, text', spec: { kind: 'id' }, avro: 'string', proto: 'string', value: (r) => letters(r, 20) },
  { name: 'ids, integers', spec: { kind: 'id' }, avro: 'long', proto: 'int64', value: (r) => integer(r, 1e12) },
  {
    name: 'numbers, 2 decimals',
    spec: { kind: 'number' },
    avro: 'double',
    proto: 'double',
    value: (r) => integer(r, 1e6) / 100,
  },
  { name: 'numbers, 17 digits', spec: { kind: 'number' }, avro: 'double', proto: 'double', value: (r) => r() },
  { name: 'numbers, integers', spec: { kind: 'number' }, avro: 'long', proto: 'int64', value: (r) => integer(r, 1e5) },
  {
    name: 'numbers, half missing',
    spec: { kind: 'number' },
    avro: ['null', 'double'],
    proto: 'optional double',
    value: (r) => (r() < 0.5 ? null : integer(r, 1e6) / 100),
  },
  {
    name: 'categories',
    spec: { kind: 'category' },
    avro: 'string',
    proto: 'string',
    value: (r) => COUNTRIES[integer(r, 16)],
  },
  {
    name: 'categories, enums',
    spec: { kind: 'category' },
    avro: { type: 'enum', name: 'Country', symbols: COUNTRIES },
    proto: 'Country',
    value: (r) => COUNTRIES[integer(r, 16)],
    json: false,
  },
  { name: 'flags', spec: { kind: 'flag' }, avro: 'boolean', proto: 'bool', value: (r) => r() < 0.5 },
  {
    name: 'times, integers',
    spec: { kind: 'time' },
    avro: 'long',
    proto: 'int64',
    value: (r) => NOW + integer(r, 1e9),
  },
  {
    name: 'times, text or instants',
    spec: { kind: 'time' },
    avro: { type: 'long', logicalType: 'timestamp-micros' },
    proto: 'google.protobuf.Timestamp',
    value: (r) => new Date(NOW + integer(r, 1e9)).toISOString(),
    avroValue: (text: string) => Date.parse(text) * 1000,
    protoValue: (text: string) => {
      const ms = Date.parse(text)
      return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 }
    },
  },
  {
    name: 'texts of 20 bytes',
    spec: { kind: 'text', maxBytes: 1000 },
    avro: 'string',
    proto: 'string',
    value: (r) => letters(r, 20),
  },
  {
    name: 'texts of 400 bytes',
    spec: { kind: 'text', maxBytes: 1000 },
    avro: 'string',
    proto: 'string',
    value: (r) => letters(r, 400),
  },
  {
    name: 'texts, Cyrillic',
    spec: { kind: 'text', maxBytes: 1000 },
    avro: 'string',
    proto: 'string',
    value: (r) => letters(r, 20, 'абвгдежзиклмнопрст '),
  },
  {
    name: 'lists of 64 bytes',
    spec: bytes,
    avro: 'bytes',
    proto: 'bytes',
    value: (r) => list(64, () => integer(r, 256)),
    avroValue: (all: number[]) => Buffer.from(all),
    protoValue: (all: number[]) => Buffer.from(all),
  },
  {
    name: 'lists of 64 integers',
    spec: integers,
    avro: { type: 'array', items: 'int' },
    proto: 'repeated sint32',
    value: (r) => list(64, () => integer(r, 2000) - 1000),
  },
  {
    name: 'lists of 64 floats, 3 decimals',
    spec: floats,
    avro: { type: 'array', items: 'float' },
    proto: 'repeated float',
    value: (r) => list(64, () => Math.round((r() * 2 - 1) * 1000) / 1000),
  },
  {
    name: 'lists of 64 floats, 17 digits',
    spec: floats,
    avro: { type: 'array', items: 'double' },
    proto: 'repeated double',
    value: (r) => list(64, () => r() * 2 - 1),
  },
]

const fields = Array.from({ length: WIDTH }, (_, i) => `c${i}`)

/** The kind in each format that has it. */
function formatsOf(kind: ColumnKind, count: number): Kind[] {
  const { name, spec, avro, proto, value, json = true } = kind
  const random = seededRandom(9)
  const specs = fields.map((field) => ({ name: field, ...spec }) as ColumnSpec)
  const events = Array.from({ length: count }, () => Object.fromEntries(fields.map((field) => [field, value(random)])))
  const as = (change: ((value: never) => unknown) | undefined) =>
    change === undefined ? events : events.map((event) => mapped(event, change))
  const schema = JSON.stringify({ type: 'record', name: 'R', fields: typesOf(avro) })
  const writer = avsc.Type.forSchema(JSON.parse(schema))
  return [
    ...(json ? [jsonKind(name, specs, events)] : []),
    avroKind(
      name,
      specs,
      schema,
      as(kind.avroValue).map((event) => writer.toBuffer(event)),
    ),
    ...(proto === null ? [] : [protobufKind(name, specs, protoOf(proto), as(kind.protoValue).map(present))]),
  ]
}

/** A named type is declared once. */
const typesOf = (avro: unknown): object[] =>
  fields.map((name, i) => {
    const declared = typeof avro === 'object' && avro !== null && 'name' in avro
    return { name, type: declared && i > 0 ? avro.name : avro }
  })

function protoOf(type: string): string {
  const lines = fields.map((name, i) => `${type} ${name} = ${i + 1};`)
  const countries = `enum Country { ${COUNTRIES.map((name, i) => `${name} = ${i};`).join(' ')} }`
  return `syntax = "proto3"; import "google/protobuf/timestamp.proto"; ${countries} message M { ${lines.join(' ')} }`
}

const mapped = (event: Readonly<Record<string, unknown>>, change: (value: never) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(event).map(([name, value]) => [name, change(value as never)]))

const present = (event: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null))

export const columnKinds = (): Kind[] =>
  KINDS.flatMap((kind) => formatsOf(kind, kind.name.includes('64') ? 2_000 : 20_000))
