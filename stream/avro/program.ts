// A writer's schema, a reader's schema and columns → one compiled pass over a record's bytes.
import { Misfit } from '../../core/values.ts'
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'
import { type Cursor, take } from '../bytes/cursor.ts'
import { BytesProblem } from '../rows/schema-problem.ts'
import { type Want, wantsOf } from '../rows/wants.ts'
import { branchOf, eachElement, nameOf, readCount, type Skip, skipOf, valueReader } from './read.ts'
import { matchingBranch, writerField } from './resolve.ts'
import type { AvroField, AvroRecord, AvroType } from './schema.ts'
import { meaningOf } from './values.ts'

/** Reads one value at the cursor; the columns' values are put into `out`, in column order. Throws BytesProblem. */
export type AvroProgram = (cursor: Cursor, out: unknown[]) => void

export type Step = (cursor: Cursor, out: unknown[]) => void

/**
 * Columns that the reader's schema does not have stay missing (undefined); those that it has and the writer's has not take the reader's default.
 * @param reader the schema that columns see; equal to the writer's where the pipeline gives none
 */
export function avroProgram(writer: AvroType, reader: AvroType, specs: readonly ColumnSpec[]): AvroProgram {
  const step = stepOf(writer, reader, wantsOf(specs))
  return (cursor, out) => {
    out.fill(undefined)
    step(cursor, out)
    if (cursor.at !== cursor.end)
      throw new BytesProblem(`expected the end of the record, found ${cursor.end - cursor.at} bytes more`)
  }
}

/** Moves over one value and puts what the wants find in it into their slots; slots of what is not there stay as they are. */
export function stepOf(writer: AvroType, reader: AvroType, wants: readonly Want[]): Step {
  if (wants.length === 0) return skipOf(writer)
  if (writer.type === 'union') {
    const steps = writer.branches.map((branch) => stepOf(branch, reader, wants))
    return (cursor, out) => branchOf(steps, cursor)(cursor, out)
  }
  const here = wants.filter(({ path }) => path.length === 0).map((want) => leafStep(writer, reader, want))
  const deeper = wants.filter(({ path }) => path.length > 0)
  const steps = deeper.length === 0 ? here : [...here, nestedStep(writer, reader, deeper)]
  return steps.length === 1 ? steps[0]! : again(steps)
}

/** Every step from the same place: two columns may want the same bytes. */
function again(steps: readonly Step[]): Step {
  return (cursor, out) => {
    const start = cursor.at
    for (const step of steps) {
      cursor.at = start
      step(cursor, out)
    }
  }
}

function leafStep(writer: AvroType, reader: AvroType, { slot, kind }: Want): Step {
  const read = valueReader(writer, reader, kind)
  return (cursor, out) => {
    out[slot] = read(cursor)
  }
}

function nestedStep(writer: AvroType, reader: AvroType, wants: readonly Want[]): Step {
  const skip = skipOf(writer)
  if (writer.type === 'null') return skip // nothing is there: the columns are missing
  const target = reader.type === 'union' ? matchingBranch(writer, reader.branches) : reader
  if (writer.type === 'record' && target?.type === 'record') return recordStep(writer, target, wants)
  if (writer.type === 'map' && target?.type === 'map') return mapStep(writer.values, target.values, wants)
  const step = wants[0]!.path[0]!
  const value = new Misfit(`a record or map with ${step}`, nameOf(writer))
  return (cursor, out) => {
    skip(cursor)
    for (const { slot } of wants) out[slot] = value
  }
}

function recordStep(writer: AvroRecord, reader: AvroRecord, wants: readonly Want[]): Step {
  const { written, constants } = resolveFields(writer, reader, wants)
  const steps = writer.fields.map((field): Step | Skip => {
    const wanted = written.get(field)
    return wanted === undefined ? skipOf(field.type) : stepOf(field.type, wanted.type, wanted.wants)
  })
  return (cursor, out) => {
    for (let i = 0; i < steps.length; i++) steps[i]!(cursor, out)
    for (let i = 0; i < constants.length; i++) out[constants[i]!.slot] = constants[i]!.value
  }
}

export interface ResolvedFields {
  /** the writer's fields that are wanted: as which type, by whom, with the path inside them */
  readonly written: ReadonlyMap<AvroField, { readonly type: AvroType; readonly wants: readonly Want[] }>
  /** defaults of fields that the writer does not have */
  readonly constants: readonly { readonly slot: number; readonly value: unknown }[]
  /** wants of fields that the reader does not have */
  readonly absent: readonly Want[]
}

/** Where a record's wants find their values; every path has a step at least. */
export function resolveFields(writer: AvroRecord, reader: AvroRecord, wants: readonly Want[]): ResolvedFields {
  const written = new Map<AvroField, { readonly type: AvroType; readonly wants: Want[] }>()
  const constants: { readonly slot: number; readonly value: unknown }[] = []
  const absent: Want[] = []
  for (const want of wants) {
    const field = reader.fields.find(({ name }) => name === want.path[0])
    if (field === undefined) {
      absent.push(want)
      continue
    }
    const source = writerField(writer, field)
    const inner = { ...want, path: want.path.slice(1) }
    if (source === undefined) constants.push({ slot: want.slot, value: defaultOf(field, inner) })
    else if (written.has(source)) written.get(source)!.wants.push(inner)
    else written.set(source, { type: field.type, wants: [inner] })
  }
  return { written, constants, absent }
}

/** Of a key that stands twice the last value counts, as in other readers: nothing of the first one stays. */
function mapStep(writer: AvroType, reader: AvroType, wants: readonly Want[]): Step {
  const skip = skipOf(writer)
  const steps = new Map<string, Step>()
  for (const key of new Set(wants.map(({ path }) => path[0]!))) {
    const inner = wants.filter(({ path }) => path[0] === key).map((want) => ({ ...want, path: want.path.slice(1) }))
    const step = stepOf(writer, reader, inner)
    steps.set(key, (cursor, out) => {
      for (const { slot } of inner) out[slot] = undefined
      step(cursor, out)
    })
  }
  return (cursor, out) =>
    eachElement(cursor, () => {
      const length = readCount(cursor)
      const start = take(cursor, length)
      const step = steps.get(cursor.bytes.toString('utf8', start, start + length)) ?? skip
      step(cursor, out)
    })
}

/** The default of a reader's field that the writer does not have, as its column takes it. */
function defaultOf(field: AvroField, { path, kind }: Want): unknown {
  if (!field.hasDefault) return new Misfit(`${field.name}, which has no default`, 'a schema without it')
  return jsonDefault(field.type, field.default, path, kind)
}

function jsonDefault(type: AvroType, json: unknown, path: readonly string[], kind: ColumnKind): unknown {
  if (json === null) return null
  const plainType = type.type === 'union' ? (type.branches.find(({ type }) => type !== 'null') ?? type) : type
  const [step, ...rest] = path
  if (step !== undefined) {
    const inner = typeof json === 'object' && Object.hasOwn(json, step) ? (json as Record<string, unknown>)[step] : null
    if (plainType.type === 'map') return jsonDefault(plainType.values, inner, rest, kind)
    const field = plainType.type === 'record' ? plainType.fields.find(({ name }) => name === step) : undefined
    return field === undefined ? null : jsonDefault(field.type, inner ?? field.default, rest, kind)
  }
  // defaults of bytes are written as text with one character per byte
  const isBytes = plainType.type === 'bytes' || plainType.type === 'fixed'
  const stored = isBytes && typeof json === 'string' ? Buffer.from(json, 'latin1') : json
  const meaning = meaningOf(plainType, kind)
  return meaning === null ? stored : meaning(stored)
}

/** Columns whose path the schema does not have. */
export function columnsOutside(schema: AvroType, specs: readonly ColumnSpec[]): string[] {
  const outside = specs.filter(
    ({ name, from, header }) => header === undefined && !has(schema, (from ?? name).split('.')),
  )
  return outside.map(({ name }) => name)
}

function has(type: AvroType, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return true
  if (type.type === 'union') return type.branches.some((branch) => has(branch, [step, ...rest]))
  if (type.type === 'map') return has(type.values, rest)
  if (type.type !== 'record') return false
  const field = type.fields.find(({ name }) => name === step)
  return field !== undefined && has(field.type, rest)
}
