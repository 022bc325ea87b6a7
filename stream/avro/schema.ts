// The text of an Avro schema → its types, names resolved. Follows the Avro 1.12 specification, "Schema Declaration".
import { shown } from '../../schemas/shown.ts'
import { SchemaProblem } from '../rows/schema-problem.ts'

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

/** Logical types that change how a value is read; the others are read as what they are stored as. */
export interface AvroLogical {
  readonly name:
    | 'decimal'
    | 'uuid'
    | 'date'
    | 'time-millis'
    | 'time-micros'
    | 'timestamp-millis'
    | 'timestamp-micros'
    | 'timestamp-nanos'
  /** decimal: digits behind the point */
  readonly scale: number
}

export interface AvroField {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroType
  readonly hasDefault: boolean
  /** as JSON */
  readonly default: unknown
}

export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly aliases: readonly string[]
  /** filled after the record is named, since a record may contain itself */
  fields: readonly AvroField[]
}

export type AvroType =
  | { readonly type: AvroPrimitive; readonly logical?: AvroLogical }
  | {
      readonly type: 'fixed'
      readonly name: string
      readonly aliases: readonly string[]
      readonly size: number
      readonly logical?: AvroLogical
    }
  | {
      readonly type: 'enum'
      readonly name: string
      readonly aliases: readonly string[]
      readonly symbols: readonly string[]
      readonly default: string | undefined
    }
  | { readonly type: 'array'; readonly items: AvroType }
  | { readonly type: 'map'; readonly values: AvroType }
  | { readonly type: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord

const PRIMITIVES: ReadonlySet<string> = new Set([
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'],
])
const LOGICAL_BASES: Readonly<Record<AvroLogical['name'], readonly string[]>> = {
  decimal: ['bytes', 'fixed'],
  uuid: ['string', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
}
const NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
/** Declarations in each other; deeper schemas are no schemas that people write. */
const MAX_DEPTH = 64

type Json = Readonly<Record<string, unknown>>
type Names = Map<string, AvroType>

interface Scope {
  readonly names: Names
  /** of the enclosing named type; empty: none */
  readonly namespace: string
  readonly depth: number
}

/**
 * The type of a schema. `references` are texts of schemas that it names, each after those that it needs itself.
 * Throws SchemaProblem.
 */
export function parseAvroSchema(text: string, references: readonly string[] = []): AvroType {
  const names: Names = new Map()
  for (const reference of references) typeOf(parseJson(reference), { names, namespace: '', depth: 0 })
  return typeOf(parseJson(text), { names, namespace: '', depth: 0 })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const name = text.trim()
    if (PRIMITIVES.has(name)) return name
    throw new SchemaProblem(`expected an Avro schema in JSON: ${(error as Error).message}`)
  }
}

function typeOf(json: unknown, outer: Scope): AvroType {
  const scope = { ...outer, depth: outer.depth + 1 }
  if (scope.depth > MAX_DEPTH) throw new SchemaProblem(`expected at most ${MAX_DEPTH} levels, found more`)
  if (typeof json === 'string') return named(json, scope)
  if (Array.isArray(json)) return { type: 'union', branches: json.map((branch) => typeOf(branch, scope)) }
  if (typeof json !== 'object' || json === null) throw new SchemaProblem(`expected a type, found ${shown(json)}`)
  const { type } = json as Json
  if (typeof type !== 'string') return typeOf(type, scope)
  return declared(type, json as Json, scope)
}

function named(name: string, { names, namespace }: Scope): AvroType {
  if (PRIMITIVES.has(name)) return { type: name as AvroPrimitive }
  const found = names.get(fullName(name, namespace)) ?? names.get(name)
  if (found === undefined) throw new SchemaProblem(`expected a declared type, found the name ${name}`)
  return found
}

function declared(type: string, json: Json, scope: Scope): AvroType {
  switch (type) {
    case 'array':
      return { type, items: typeOf(json.items, scope) }
    case 'map':
      return { type, values: typeOf(json.values, scope) }
    case 'record':
    case 'error':
      return recordOf(json, scope)
    case 'enum': {
      const symbols = textsOf(json.symbols)
      const fallback = typeof json.default === 'string' ? json.default : undefined
      return declare(json, scope, (naming) => ({ type, ...naming, symbols, default: fallback }))
    }
    case 'fixed': {
      const size = json.size
      if (!Number.isSafeInteger(size) || (size as number) < 0)
        throw new SchemaProblem(`expected the size of fixed, found ${shown(size)}`)
      return declare(json, scope, (naming) => ({ type, ...naming, size: size as number, ...logicalOf(type, json) }))
    }
    default:
      return PRIMITIVES.has(type) ? { type: type as AvroPrimitive, ...logicalOf(type, json) } : named(type, scope)
  }
}

/** A logical type that does not fit its base, or is not known, is ignored: the specification says so. */
function logicalOf(base: string, { logicalType, scale = 0 }: Json): { readonly logical?: AvroLogical } {
  const plain = typeof logicalType === 'string' ? logicalType.replace(/^local-/, '') : ''
  if (!Object.hasOwn(LOGICAL_BASES, plain)) return {}
  const name = plain as AvroLogical['name']
  if (!LOGICAL_BASES[name].includes(base)) return {}
  if (!Number.isSafeInteger(scale) || (scale as number) < 0 || (scale as number) > 300) return {}
  return { logical: { name, scale: scale as number } }
}

function recordOf(json: Json, scope: Scope): AvroType {
  const record = declare(json, scope, (naming): AvroRecord => ({ type: 'record', ...naming, fields: [] }))
  if (!Array.isArray(json.fields)) throw new SchemaProblem(`record ${record.name}: expected fields, found none`)
  const inner = { ...scope, namespace: namespaceOf(record.name) }
  record.fields = json.fields.map((field: unknown): AvroField => {
    const { name, type, aliases, default: fallback } = (field ?? {}) as Json
    if (typeof name !== 'string' || !NAME.test(name))
      throw new SchemaProblem(`record ${record.name}: expected a field name, found ${shown(name)}`)
    const hasDefault = Object.hasOwn(field as object, 'default')
    return { name, aliases: textsOf(aliases ?? []), type: typeOf(type, inner), hasDefault, default: fallback }
  })
  const seen = new Set(record.fields.map(({ name }) => name))
  if (seen.size !== record.fields.length) throw new SchemaProblem(`record ${record.name}: a field stands twice`)
  return record
}

/** Puts a named type into the scope. */
function declare<T extends AvroType>(
  json: Json,
  { names, namespace }: Scope,
  make: (naming: { readonly name: string; readonly aliases: readonly string[] }) => T,
): T {
  if (typeof json.name !== 'string' || !NAME.test(json.name))
    throw new SchemaProblem(`expected the name of a type, found ${shown(json.name)}`)
  const name = fullName(json.name, typeof json.namespace === 'string' ? json.namespace : namespace)
  if (names.has(name)) throw new SchemaProblem(`expected type ${name} once, found it twice`)
  const aliases = textsOf(json.aliases ?? []).map((alias) => fullName(alias, namespaceOf(name)))
  const type = make({ name, aliases })
  names.set(name, type)
  return type
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`

const namespaceOf = (name: string): string => name.slice(0, Math.max(name.lastIndexOf('.'), 0))

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value as string[]
  throw new SchemaProblem(`expected a list of names, found ${shown(value)}`)
}
