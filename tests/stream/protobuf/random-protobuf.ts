// Random Protobuf messages: their .proto text, what goes over the wire for them, and columns that read them.
import type { Random } from '../../../core/random.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import {
  below,
  bytesOf,
  columnOf,
  damaged,
  doubleOf,
  floatBytes,
  longOf,
  pick,
  textOf,
  varint,
  zigzag,
} from '../random-values.ts'

interface FieldType {
  readonly name: string
  readonly id: number
  /** a scalar, Enum, Timestamp, or a message's name */
  readonly type: string
  readonly label: '' | 'optional ' | 'repeated '
  readonly oneof: boolean
  readonly fields: readonly FieldType[]
}

const SCALARS = [
  ...['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'bool', 'fixed32', 'sfixed64'],
  ...[
    'float',
    'double',
    'double',
    'string',
    'string',
    'string',
    'bytes',
    'Color',
    'google.protobuf.Timestamp',
    'google.protobuf.Timestamp',
  ],
]

export interface RandomProto {
  readonly text: string
  readonly encode: () => Buffer
  readonly columns: readonly ColumnSpec[]
}

/** Message M. Most of its messages are written as usual writers do it; some are not, and one in 20 is damaged. */
export function randomProtobuf(random: Random): RandomProto {
  let names = 0
  const texts: string[] = []
  const messageOf = (depth: number, name: string): readonly FieldType[] => {
    const fields = Array.from({ length: 1 + below(random, 7) }, (_, i): FieldType => {
      const oneof = i > 0 && i < 4 && random() < 0.25
      const label = oneof ? '' : pick(random, ['', '', 'optional ', 'repeated '] as const)
      const place = { name: `f${i}`, id: i * (random() < 0.2 ? 300 : 1) + i + 1, label, oneof }
      if (depth > 1 || random() < 0.85) return { ...place, type: pick(random, SCALARS), fields: [] }
      const type = `N${names++}`
      return { ...place, type, fields: messageOf(depth + 1, type) }
    })
    texts.push(`message ${name} { ${declared(fields)} }`)
    return fields
  }
  const fields = messageOf(0, 'M')
  const text = `syntax = "proto3"; import "google/protobuf/timestamp.proto"; enum Color { RED = 0; DE = 1; FR = 5; } ${texts.join(' ')}`
  const columns = columnsOf(fields, random)
  return {
    text,
    columns,
    encode: () => {
      const bytes = encodeMessage(fields, random)
      return random() < 0.05 ? damaged(bytes, random) : bytes
    },
  }
}

function declared(fields: readonly FieldType[]): string {
  const line = ({ label, type, name, id }: FieldType): string => `${label}${type} ${name} = ${id};`
  const rivals = fields.filter(({ oneof }) => oneof)
  const others = fields.filter(({ oneof }) => !oneof)
  const oneof = rivals.length === 0 ? '' : `oneof rivals { ${rivals.map(line).join(' ')} }`
  return `${others.map(line).join(' ')} ${oneof}`
}

/** Now and then shuffled, with a field twice, or with one that the schema does not have. */
function encodeMessage(fields: readonly FieldType[], random: Random): Buffer {
  const present = fields.filter(() => random() < 0.8).toSorted((a, b) => a.id - b.id)
  const first = present[0]
  if (first !== undefined && random() < 0.08) present.push(first)
  if (random() < 0.08) present.sort(() => random() - 0.5)
  const parts = present.flatMap((field) => encodeField(field, random))
  if (random() < 0.2) parts.splice(below(random, parts.length + 1), 0, unknownField(random))
  return Buffer.concat(parts)
}

function unknownField(random: Random): Buffer {
  const id = 900 + below(random, 3)
  return pick(random, [
    () => Buffer.concat([tag(id, 0), varint(longOf(random))]),
    () => Buffer.concat([tag(id, 1), bytesOf(random, 8)]),
    () => Buffer.concat([tag(id, 2), Buffer.from([2, 1, 1])]),
    () => Buffer.concat([tag(id, 5), bytesOf(random, 4)]),
    () => Buffer.concat([tag(id, 3), tag(1, 0), Buffer.from([5]), tag(id, 4)]),
  ])()
}

const tag = (id: number, wire: number): Buffer => varint(BigInt(id * 8 + wire))
const counted = (bytes: Buffer): Buffer => Buffer.concat([varint(BigInt(bytes.length)), bytes])

function encodeField(field: FieldType, random: Random): Buffer[] {
  const { wire, write } = writerOf(field, random)
  const { id, label } = field
  if (label !== 'repeated ') return [Buffer.concat([tag(id, wire), write()])]
  const values = Array.from({ length: pick(random, [4, 4, 4, 2, 0, 5]) }, write)
  if (wire === 2 || random() < 0.3) return values.map((value) => Buffer.concat([tag(id, wire), value]))
  return [Buffer.concat([tag(id, 2), counted(Buffer.concat(values))])]
}

function writerOf({ type, fields }: FieldType, random: Random): { readonly wire: number; write(): Buffer } {
  switch (type) {
    case 'int32':
    case 'uint32':
      return { wire: 0, write: () => varint(BigInt.asIntN(32, longOf(random))) }
    case 'int64':
    case 'uint64':
      return { wire: 0, write: () => varint(longOf(random)) }
    case 'sint32':
    case 'sint64':
      return { wire: 0, write: () => varint(zigzag(longOf(random))) }
    case 'bool':
      return { wire: 0, write: () => Buffer.from([below(random, random() < 0.1 ? 3 : 2)]) }
    case 'Color':
      return { wire: 0, write: () => varint(pick(random, [0n, 1n, 5n, 5n, 7n, 2000n, -1n])) }
    case 'fixed32':
      return { wire: 5, write: () => bytesOf(random, 4) }
    case 'sfixed64':
      return { wire: 1, write: () => bytesOf(random, 8) }
    case 'float':
    case 'double':
      return { wire: type === 'float' ? 5 : 1, write: () => floatBytes(doubleOf(random), type === 'float' ? 4 : 8) }
    case 'string':
      return { wire: 2, write: () => counted(textOf(random)) }
    case 'bytes':
      return { wire: 2, write: () => counted(bytesOf(random, pick(random, [4, 4, 3]))) }
    case 'google.protobuf.Timestamp':
      return { wire: 2, write: () => counted(timestamp(random)) }
    default:
      return { wire: 2, write: () => counted(encodeMessage(fields, random)) }
  }
}

function timestamp(random: Random): Buffer {
  const seconds = Buffer.concat([tag(1, 0), varint(pick(random, [1_700_000_000n, -5n, longOf(random)]))])
  const nanos = Buffer.concat([tag(2, 0), varint(BigInt(below(random, 1e9)))])
  return Buffer.concat(pick(random, [[], [seconds], [seconds, nanos], [nanos, seconds], [seconds, nanos, nanos]]))
}

/** Columns of any kind for the message's fields, those in other messages, and some that are not there. */
function columnsOf(fields: readonly FieldType[], random: Random): ColumnSpec[] {
  const paths = [...pathsOf(fields, ''), ...(random() < 0.1 ? ['nowhere'] : [])]
  const columns = Array.from({ length: 1 + below(random, 12) }, (_, i) =>
    columnOf(`c${i}`, pick(random, paths), random),
  )
  if (random() < 0.3) columns.push({ name: 'h', kind: 'text', maxBytes: 9, header: 'h' })
  return columns
}

function pathsOf(fields: readonly FieldType[], prefix: string): string[] {
  return fields.flatMap(({ name, fields: inner }) => [prefix + name, ...pathsOf(inner, `${prefix}${name}.`)])
}
