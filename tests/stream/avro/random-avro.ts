// Random Avro schemas, records written with them, and columns that read them; all from one stream of random numbers.
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

type Json = string | readonly Json[] | object

interface Schema {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: Json }[]
}

/** A record's schema, and a writer of its records; one in 20 is damaged, or as many as are asked for. */
export function randomAvro(random: Random, damage = 0.05): { readonly schema: Schema; readonly encode: () => Buffer } {
  let names = 0
  const name = (): string => `N${names++}`
  const scalar = (): Json =>
    pick<() => Json>(random, [
      () => pick(random, ['boolean', 'int', 'long', 'float', 'double', 'string', 'bytes', 'string', 'double', 'long']),
      () => ({ type: 'long', logicalType: pick(random, ['timestamp-millis', 'timestamp-micros', 'timestamp-nanos']) }),
      () => ({ type: 'int', logicalType: 'date' }),
      () => ({ type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }),
      () => ({ type: 'fixed', name: name(), size: 4 }),
      () => ({ type: 'fixed', name: name(), size: 16, logicalType: 'uuid' }),
      () => ({ type: 'enum', name: name(), symbols: ['DE', 'FR', 'IT'] }),
    ])()
  const any = (depth: number): Json => {
    const kind = random()
    if (kind < 0.55 || depth > 2) return scalar()
    if (kind < 0.75) return random() < 0.6 ? ['null', scalar()] : [scalar(), 'null']
    if (kind < 0.78) return [scalar(), 'null', record(depth + 1)]
    if (kind < 0.85) return record(depth + 1)
    if (kind < 0.9) return { type: 'map', values: random() < 0.5 ? scalar() : record(depth + 1) }
    if (kind < 0.92) return { type: 'array', items: ['null', 'int'] }
    return { type: 'array', items: pick(random, ['int', 'long', 'float', 'double', 'int']) }
  }
  const record = (depth: number): Schema => ({
    type: 'record',
    name: name(),
    fields: Array.from({ length: 1 + below(random, 6) }, (_, i) => ({ name: `f${i}`, type: any(depth) })),
  })
  const schema = record(0)
  return {
    schema,
    encode: () => {
      const bytes = Buffer.concat(encode(schema, random))
      return random() < damage ? damaged(bytes, random) : bytes
    },
  }
}

const long = (value: bigint): Buffer => varint(zigzag(value))
const counted = (bytes: Buffer): Buffer[] => [long(BigInt(bytes.length)), bytes]

function encode(type: Json, random: Random): Buffer[] {
  if (Array.isArray(type)) {
    const branch = below(random, type.length)
    return [long(BigInt(branch)), ...encode(type[branch] as Json, random)]
  }
  if (typeof type !== 'string') return encodeDeclared(type as Declared, random)
  switch (type) {
    case 'null':
      return []
    case 'boolean':
      return [Buffer.from([below(random, 2)])]
    case 'int':
    case 'long':
      return [long(type === 'int' ? BigInt.asIntN(32, longOf(random)) : longOf(random))]
    case 'float':
    case 'double':
      return [floatBytes(doubleOf(random), type === 'float' ? 4 : 8)]
    case 'bytes':
      return counted(bytesOf(random, below(random, 6)))
    default:
      return counted(textOf(random))
  }
}

interface Declared {
  readonly type: string
  readonly size: number
  readonly items: Json
  readonly values: Json
  readonly fields: Schema['fields']
  readonly symbols: readonly string[]
}

function encodeDeclared({ type, size, items, values, fields, symbols }: Declared, random: Random): Buffer[] {
  switch (type) {
    case 'record':
      return fields.flatMap((field) => encode(field.type, random))
    case 'fixed':
      return [bytesOf(random, size)]
    case 'enum':
      return [long(BigInt(below(random, symbols.length + (random() < 0.05 ? 1 : 0))))]
    case 'map':
      return blocks(random, () => [...counted(Buffer.from(pick(random, ['f0', 'f1', 'k']))), ...encode(values, random)])
    case 'array':
      return blocks(random, () => encode(items, random))
    default:
      return encode(type, random)
  }
}

/** Usually four elements, in one block or two, with and without its size. */
function blocks(random: Random, element: () => Buffer[]): Buffer[] {
  const counts = pick(random, [[4], [4], [1, 3], [2], [], [5]])
  return [
    ...counts.flatMap((count) => {
      const bytes = Buffer.concat(Array.from({ length: count }, element).flat())
      return random() < 0.5 ? [long(BigInt(count)), bytes] : [long(BigInt(-count)), long(BigInt(bytes.length)), bytes]
    }),
    Buffer.from([0]),
  ]
}

const PROMOTED: Readonly<Record<string, Json>> = { int: 'long', long: 'double', float: 'double', string: 'bytes' }

/** The schema as another version of it: fields moved, dropped, added, promoted, or of a type that does not resolve. */
export function randomReader(schema: Schema, random: Random): Schema {
  const kept = schema.fields.filter(() => random() < 0.85).toSorted(() => random() - 0.5)
  const fields = kept.map(({ name, type }) => {
    const promoted = typeof type === 'string' && random() < 0.4 ? (PROMOTED[type] ?? type) : type
    if (random() < 0.1) return { name: `new_${name}`, aliases: [name], type: promoted }
    return { name, type: random() < 0.05 ? 'boolean' : Array.isArray(promoted) ? promoted : ['null', promoted] }
  })
  const added = [
    { name: 'added', type: 'double', default: 1.5 },
    { name: 'required', type: 'int' },
    { name: 'label', type: 'string', default: 'none' },
  ].filter(() => random() < 0.3)
  return { ...schema, fields: [...fields, ...added] as Schema['fields'] }
}

/** Columns of any kind for the schema's fields, those in nested records, and some that are not there. */
export function randomColumns(schema: Schema, random: Random): ColumnSpec[] {
  const paths = [...pathsOf(schema, ''), 'added', 'label', ...(random() < 0.2 ? ['required', 'nowhere'] : [])]
  const columns = Array.from({ length: 1 + below(random, 3) }, (_, i) => columnOf(`c${i}`, pick(random, paths), random))
  if (random() < 0.3) columns.push({ name: 'h', kind: 'text', maxBytes: 9, header: 'h' })
  return columns
}

function pathsOf(type: Json, prefix: string): string[] {
  if (Array.isArray(type)) return type.flatMap((branch: Json) => pathsOf(branch, prefix))
  if (typeof type === 'string') return []
  const { type: declared, values, fields } = type as Declared
  if (declared === 'map') return pathsOf({ type: 'record', fields: [{ name: 'f0', type: values }] }, prefix)
  if (declared !== 'record') return []
  return fields.flatMap(({ name, type: inner }) => [
    prefix + name,
    prefix + name,
    ...pathsOf(inner, `${prefix}${name}.`),
  ])
}
