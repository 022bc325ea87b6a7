// Avro types that can carry a value, plain, in unions with null and promoted to a reader's type.
import { MAX_DATE_MS } from '../../../core/rule.ts'
import { Misfit } from '../../../core/values.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { avroValueDecoder } from '../../../stream/avro/decode-avro.ts'
import { avroProgram } from '../../../stream/avro/program.ts'
import { parseAvroSchema } from '../../../stream/avro/schema.ts'
import { bytesDecoder } from '../../../stream/bytes/decode-bytes.ts'
import type { Carrier } from '../carriers.ts'
import { floatBytes, isInteger, varint, zigzag } from '../random-values.ts'

const DAY_MS = 86_400_000

interface AvroWay {
  readonly type: unknown
  /** the type as which it is read, default `type` */
  readonly reader?: unknown
  /** null: the type cannot carry it */
  readonly encode: (value: unknown) => Buffer | null
  readonly says?: (value: unknown) => unknown
}

const long = (value: bigint): Buffer => varint(zigzag(value))
const counted = (bytes: Buffer): Buffer => Buffer.concat([long(BigInt(bytes.length)), bytes])

const integer = (bits: number) => (value: unknown) => (isInteger(value, bits) ? long(BigInt(value)) : null)
const double = (value: unknown) => (typeof value === 'number' ? floatBytes(value, 8) : null)
const float = (value: unknown) => (typeof value === 'number' && isFloat(value) ? floatBytes(value, 4) : null)
const isFloat = (value: number): boolean => Object.is(Math.fround(value), value)
const text = (value: unknown) =>
  typeof value === 'string' && value.isWellFormed() ? counted(Buffer.from(value)) : null

/** One block, or two of which the first has its size. */
const list = (element: (value: unknown) => Buffer | null, isSplit: boolean) => (value: unknown) => {
  const elements = Array.isArray(value) ? value.map(element) : [null]
  if (elements.includes(null)) return null
  const block = (part: readonly Buffer[], isSized: boolean): Buffer => {
    const bytes = Buffer.concat(part)
    const count = BigInt(part.length)
    return isSized
      ? Buffer.concat([long(-count), long(BigInt(bytes.length)), bytes])
      : Buffer.concat([long(count), bytes])
  }
  const all = elements as Buffer[]
  const parts =
    isSplit && all.length > 1 ? [block(all.slice(0, 1), true), block(all.slice(1), false)] : [block(all, false)]
  return Buffer.concat([...(all.length > 0 ? parts : []), Buffer.from([0])])
}

const isInvalid = (value: unknown): boolean => value instanceof Date && Number.isNaN(value.getTime())

/** An invalid Date stands for the first count beyond what a Date holds, which is refused with the count. */
const beyondDates = (count: bigint, unit: string) => (value: unknown) =>
  isInvalid(value) ? new Misfit('a time within 8640000000000000 milliseconds of 1970', `${count} ${unit}`) : value

/** A Date as a count of `perMs` to the millisecond, whose finer part is cut off. */
const instant = (perMs: bigint, unit: string): Pick<AvroWay, 'encode' | 'says'> => {
  const count = (ms: number): bigint => BigInt(ms) * perMs + perMs - 1n
  const beyond = count(MAX_DATE_MS + 1)
  return {
    encode: (value) => (value instanceof Date ? long(isInvalid(value) ? beyond : count(value.getTime())) : null),
    says: beyondDates(beyond, unit),
  }
}

/** Whole days. */
const dayWay: Pick<AvroWay, 'encode' | 'says'> = {
  encode: (value) => {
    if (!(value instanceof Date)) return null
    const ms = isInvalid(value) ? MAX_DATE_MS + DAY_MS : value.getTime()
    return ms % DAY_MS === 0 ? long(BigInt(ms / DAY_MS)) : null
  },
  says: beyondDates(BigInt(MAX_DATE_MS / DAY_MS + 1), 'days'),
}

const SYMBOLS = ['DE', 'FR', 'IT', 'a']
const symbol = (value: unknown) =>
  SYMBOLS.includes(value as string) ? long(BigInt(SYMBOLS.indexOf(value as string))) : null
const bytes = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value) : null)

function waysOf(spec: ColumnSpec): AvroWay[] {
  const size = spec.kind === 'numbers' ? spec.length : 3
  const array = (items: string, element: (value: unknown) => Buffer | null): AvroWay[] => [
    { type: { type: 'array', items }, encode: list(element, false) },
    { type: { type: 'array', items }, encode: list(element, true) },
  ]
  const times = ['millis', 'micros', 'nanos'].map((name, i) => {
    const unit = ['milliseconds', 'microseconds', 'nanoseconds'][i]!
    return { type: { type: 'long', logicalType: `timestamp-${name}` }, ...instant(1000n ** BigInt(i), unit) }
  })
  return [
    { type: 'boolean', encode: (value) => (typeof value === 'boolean' ? Buffer.from([Number(value)]) : null) },
    { type: 'int', encode: integer(32) },
    { type: 'int', reader: 'double', encode: integer(32) },
    { type: 'long', encode: integer(64) },
    { type: 'long', reader: 'double', encode: integer(64) },
    { type: 'float', encode: float },
    { type: 'float', reader: 'double', encode: float },
    { type: 'double', encode: double },
    { type: 'string', encode: text },
    { type: 'bytes', reader: 'string', encode: text },
    { type: { type: 'enum', name: 'E', symbols: SYMBOLS }, encode: symbol },
    { type: 'bytes', encode: (value) => (value instanceof Uint8Array ? counted(Buffer.from(value)) : null) },
    {
      type: { type: 'fixed', name: 'F', size },
      encode: (value) => (bytes(value)?.length === size ? bytes(value) : null),
    },
    ...array('int', integer(32)),
    ...array('long', integer(64)),
    ...array('float', float),
    ...array('double', double),
    ...times.slice(0, 2),
    { type: { type: 'int', logicalType: 'date' }, ...dayWay },
  ]
}

/** The same type in a union, with null as its first branch or its second. */
function optional({ type, reader = type, encode, ...rest }: AvroWay, isFirst: boolean): AvroWay {
  const [none, some] = isFirst ? [0, 2] : [2, 0]
  return {
    type: isFirst ? ['null', type] : [type, 'null'],
    reader: isFirst ? ['null', reader] : [reader, 'null'],
    ...rest,
    encode: (value) => {
      if (value === null) return Buffer.from([none])
      const bytes = encode(value)
      return bytes === null ? null : Buffer.concat([Buffer.from([some]), bytes])
    },
  }
}

const recordOf = (type: unknown) =>
  parseAvroSchema(JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'x', type }] }))

export function avroCarriers(spec: ColumnSpec): Carrier[] {
  const ways = waysOf(spec)
  const all = [...ways, ...ways.map((way) => optional(way, true)), ...ways.map((way) => optional(way, false))]
  return all.map(({ type, reader = type, encode, says }) => {
    const schemas = { writer: recordOf(type), reader: recordOf(reader) }
    const program = avroProgram(schemas.writer, schemas.reader, [spec])
    return {
      name: `Avro ${JSON.stringify(type)}${reader === type ? '' : ` as ${JSON.stringify(reader)}`}`,
      encode,
      says,
      specs: { direct: [spec], byValues: [spec] },
      direct: (rows) => avroValueDecoder(schemas, [spec], rows),
      byValues: (rows) => bytesDecoder({ program, direct: () => -1, what: 'Avro', specs: [spec], rows }),
    }
  })
}
