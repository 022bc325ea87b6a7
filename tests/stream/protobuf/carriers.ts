// Protobuf fields that can carry a value: scalars with and without presence, enums, lists in both forms, Timestamp.
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { bytesDecoder } from '../../../stream/bytes/decode-bytes.ts'
import { protobufValueDecoder } from '../../../stream/protobuf/decode-protobuf.ts'
import { protobufProgram } from '../../../stream/protobuf/program.ts'
import { messageNamed, parseProto } from '../../../stream/protobuf/schema.ts'
import type { Carrier } from '../carriers.ts'
import { floatBytes, isInteger, varint, zigzag } from '../random-values.ts'

interface ProtobufWay {
  readonly type: string
  readonly wire: number
  /** null: the type cannot carry it */
  readonly encode: (value: unknown) => Buffer | null
  /** what is not written without `optional` */
  readonly absent?: unknown
}

const NAMES = ['DE', 'FR', 'IT', 'a']
const counted = (bytes: Buffer): Buffer => Buffer.concat([varint(BigInt(bytes.length)), bytes])

const signed = (bits: number) => (value: unknown) => (isInteger(value, bits) ? varint(BigInt(value)) : null)
const zigzagged = (bits: number) => (value: unknown) => (isInteger(value, bits) ? varint(zigzag(BigInt(value))) : null)
const isUnsigned = (value: unknown, bits: number): value is number | bigint =>
  isInteger(value, 128) && BigInt(value) >= 0n && BigInt(value) < 1n << BigInt(bits)
const unsigned = (bits: number) => (value: unknown) => (isUnsigned(value, bits) ? varint(BigInt(value)) : null)

const fixed = (bits: 32 | 64, isSigned: boolean) => (value: unknown) => {
  if (isSigned ? !isInteger(value, bits) : !isUnsigned(value, bits)) return null
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value as number)))
  return bytes.subarray(0, bits / 8)
}

const float = (value: unknown) =>
  typeof value === 'number' && Object.is(Math.fround(value), value) ? floatBytes(value, 4) : null

/** Finer parts are cut off. A Timestamp holds the years 1 to 9999. */
function timestamp(value: unknown): Buffer | null {
  if (!(value instanceof Date && value.getUTCFullYear() >= 1 && value.getUTCFullYear() <= 9999)) return null
  const ms = value.getTime()
  const seconds = Math.floor(ms / 1000)
  const nanos = (ms - seconds * 1000) * 1e6 + 999_999
  return counted(Buffer.concat([Buffer.from([8]), varint(BigInt(seconds)), Buffer.from([16]), varint(BigInt(nanos))]))
}

const SCALARS: readonly ProtobufWay[] = [
  { type: 'double', wire: 1, encode: (value) => (typeof value === 'number' ? floatBytes(value, 8) : null), absent: 0 },
  { type: 'float', wire: 5, encode: float, absent: 0 },
  { type: 'int32', wire: 0, encode: signed(32), absent: 0 },
  { type: 'int64', wire: 0, encode: signed(64), absent: 0 },
  { type: 'uint32', wire: 0, encode: unsigned(32), absent: 0 },
  { type: 'uint64', wire: 0, encode: unsigned(64), absent: 0 },
  { type: 'sint32', wire: 0, encode: zigzagged(32), absent: 0 },
  { type: 'sint64', wire: 0, encode: zigzagged(64), absent: 0 },
  { type: 'fixed32', wire: 5, encode: fixed(32, false), absent: 0 },
  { type: 'sfixed32', wire: 5, encode: fixed(32, true), absent: 0 },
  { type: 'fixed64', wire: 1, encode: fixed(64, false), absent: 0 },
  { type: 'sfixed64', wire: 1, encode: fixed(64, true), absent: 0 },
]

const OTHERS: readonly ProtobufWay[] = [
  {
    type: 'bool',
    wire: 0,
    encode: (value) => (typeof value === 'boolean' ? Buffer.from([Number(value)]) : null),
    absent: false,
  },
  {
    type: 'string',
    wire: 2,
    encode: (value) => (typeof value === 'string' && value.isWellFormed() ? counted(Buffer.from(value)) : null),
    absent: '',
  },
  { type: 'bytes', wire: 2, encode: (value) => (value instanceof Uint8Array ? counted(Buffer.from(value)) : null) },
  {
    type: 'E',
    wire: 0,
    encode: (value) => (NAMES.includes(value as string) ? varint(BigInt(NAMES.indexOf(value as string))) : null),
    absent: 'DE',
  },
]

const TIMESTAMP: ProtobufWay = { type: 'google.protobuf.Timestamp', wire: 2, encode: timestamp }

interface Message {
  readonly name: string
  /** of field x, number 1 */
  readonly declared: string
  readonly encode: (value: unknown) => Buffer | null
}

const tagged = (wire: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([8 + wire]), bytes])

const optional = ({ type, wire, encode }: ProtobufWay): Message => ({
  name: `optional ${type}`,
  declared: `optional ${type} x = 1;`,
  encode: (value) => {
    if (value === undefined) return Buffer.alloc(0)
    const bytes = encode(value)
    return bytes === null ? null : tagged(wire, bytes)
  },
})

/** Written only if it is not the type's default. */
const implicit = ({ type, wire, encode, absent }: ProtobufWay): Message => ({
  name: type,
  declared: `${type} x = 1;`,
  encode: (value) => {
    if (Object.is(value, absent)) return Buffer.alloc(0)
    const bytes = encode(value)
    return bytes === null ? null : tagged(wire, bytes)
  },
})

/** A list without elements is not there. */
const repeated = ({ type, wire, encode }: ProtobufWay, isPacked: boolean): Message => ({
  name: `${isPacked ? 'packed' : 'repeated'} ${type}`,
  declared: `repeated ${type} x = 1;`,
  encode: (value) => {
    if (value === undefined) return Buffer.alloc(0)
    const elements = Array.isArray(value) && value.length > 0 ? value.map(encode) : [null]
    if (elements.includes(null)) return null
    const all = elements as Buffer[]
    return isPacked ? tagged(2, counted(Buffer.concat(all))) : Buffer.concat(all.map((bytes) => tagged(wire, bytes)))
  },
})

const MESSAGES: readonly Message[] = [
  ...[...SCALARS, ...OTHERS, TIMESTAMP].map(optional),
  ...[...SCALARS, ...OTHERS].filter(({ absent }) => absent !== undefined).map(implicit),
  ...SCALARS.flatMap((way) => [repeated(way, true), repeated(way, false)]),
]

const ENUM = `enum E { ${NAMES.map((name, i) => `${name} = ${i};`).join(' ')} }`
const HEAD = `syntax = "proto3"; import "google/protobuf/timestamp.proto"; ${ENUM}`

const TYPES = MESSAGES.map(({ declared }) =>
  messageNamed(parseProto({ text: `${HEAD} message M { ${declared} }` }), 'M'),
)

export function protobufCarriers(spec: ColumnSpec): Carrier[] {
  return MESSAGES.map(({ name, encode }, i) => {
    const type = TYPES[i]!
    const program = protobufProgram(type, [spec])
    return {
      name: `Protobuf ${name}`,
      encode,
      specs: { direct: [spec], byValues: [spec] },
      direct: (rows) => protobufValueDecoder(type, [spec], rows),
      byValues: (rows) => bytesDecoder({ program, direct: () => -1, what: 'Protobuf', specs: [spec], rows }),
    }
  })
}
