// A message type and columns → one compiled pass over a record's bytes; fields that no column wants are skipped.
import protobuf from 'protobufjs'
import { Misfit } from '../../core/values.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { type Cursor, readVarint, take } from '../bytes/cursor.ts'
import { BytesProblem } from '../rows/schema-problem.ts'
import { type Want, wantsOf } from '../rows/wants.ts'
import { scalarReader, skipField, WIRE } from './read.ts'
import { fullName } from './schema.ts'

/** Reads one value of a field; the tag has been read. */
export type Handler = (cursor: Cursor, wire: number, out: unknown[]) => void

interface MessageProgram {
  readonly handlers: ReadonlyMap<number, Handler>
  /** values of fields that are not on the wire when the message is */
  readonly absent: readonly { readonly slot: number; readonly value: unknown }[]
}

/**
 * Reads a message up to the cursor's end; the columns' values are put into `out`, in column order. Throws BytesProblem.
 * A field without presence (proto3 without `optional`) that is absent has its default; one with presence, or in a message
 * that is absent, or a list without elements, is missing (undefined).
 */
export function protobufProgram(type: protobuf.Type, specs: readonly ColumnSpec[]) {
  const program = compile(type, wantsOf(specs))
  return (cursor: Cursor, out: unknown[]): void => {
    out.fill(undefined)
    run(program, cursor, out)
  }
}

function run({ handlers, absent }: MessageProgram, cursor: Cursor, out: unknown[]): void {
  // not over what an earlier part of the same message has set: parts are merged
  for (let i = 0; i < absent.length; i++) out[absent[i]!.slot] ??= absent[i]!.value
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor)
    const id = Math.floor(tag / 8)
    if (id === 0) throw new BytesProblem(`expected a field, found tag ${tag}`)
    const handler = handlers.get(id)
    if (handler === undefined) skipField(cursor, tag)
    else handler(cursor, tag % 8, out)
  }
}

function compile(type: protobuf.Type, wants: readonly Want[]): MessageProgram {
  const handlers = new Map<number, Handler>()
  const absent: { slot: number; value: unknown }[] = []
  for (const field of type.fieldsArray) {
    const here = wants.filter(({ path }) => path[0] === field.name)
    if (here.length === 0) continue
    const inner = here.map((want) => ({ ...want, path: want.path.slice(1) }))
    handlers.set(field.id, clearingRivals(field, wants, handlerOf(field, inner)))
    for (const { slot, path } of inner) {
      const value = absentValue(field)
      if (path.length === 0 && value !== undefined) absent.push({ slot, value })
    }
  }
  return { handlers, absent }
}

/** What a field that is not on the wire stands for in a message that is; undefined: it is missing. */
export function absentValue(field: protobuf.Field): unknown {
  if (field.repeated || field.map) return undefined
  const isDeclared = field.options?.default !== undefined
  if (field.hasPresence && !isDeclared) return undefined
  const value: unknown = field.defaultValue
  if (field.resolvedType instanceof protobuf.Enum) return field.resolvedType.valuesById[value as number] ?? value
  if (field.bytes) return typeof value === 'string' ? Buffer.from(value, 'latin1') : new Uint8Array(0)
  return field.long ? Number(value) : value
}

/** Of a oneof only the last field on the wire counts. */
function clearingRivals(field: protobuf.Field, wants: readonly Want[], handler: Handler): Handler {
  const slots = slotsOfRivals(field, wants)
  if (slots.length === 0) return handler
  return (cursor, wire, out) => {
    for (const slot of slots) out[slot] = undefined
    handler(cursor, wire, out)
  }
}

/** Slots of columns that want another field of the same oneof. */
export function slotsOfRivals(field: protobuf.Field, wants: readonly Want[]): readonly number[] {
  const rivals = field.partOf?.fieldsArray.filter((other) => other !== field).map(({ name }) => name) ?? []
  return wants.filter(({ path }) => rivals.includes(path[0]!)).map(({ slot }) => slot)
}

export function handlerOf(field: protobuf.Field, wants: readonly Want[]): Handler {
  const handlers = [
    ...wants.filter(({ path }) => path.length === 0).map((want) => leafHandler(field, want)),
    ...nestedHandlers(field, wants),
  ]
  if (handlers.length === 1) return handlers[0]!
  return (cursor, wire, out) => {
    const start = cursor.at
    for (const handler of handlers) {
      cursor.at = start
      handler(cursor, wire, out)
    }
  }
}

function nestedHandlers(field: protobuf.Field, wants: readonly Want[]): Handler[] {
  const deeper = wants.filter(({ path }) => path.length > 0)
  if (deeper.length === 0) return []
  const type = field.resolvedType
  if (!(type instanceof protobuf.Type) || field.repeated || field.map || field.delimited) {
    const value = new Misfit(`a message with ${deeper[0]!.path[0]}`, describe(field))
    return [misfitHandler(field, deeper, value)]
  }
  const program = compile(type, deeper)
  const handler: Handler = (cursor, wire, out) => {
    expectWire(field, WIRE.bytes, wire)
    const outerEnd = cursor.end
    const length = readVarint(cursor)
    const start = take(cursor, length)
    cursor.at = start
    cursor.end = start + length
    run(program, cursor, out)
    cursor.end = outerEnd
  }
  return [handler]
}

function leafHandler(field: protobuf.Field, want: Want): Handler {
  const { slot, kind } = want
  if (field.map || field.delimited) return misfitHandler(field, [want], new Misfit('one value', describe(field)))
  const { wire: expected, read } = scalarReader(field, kind)
  if (field.repeated) return listHandler(field, want)
  return (cursor, wire, out) => {
    expectWire(field, expected, wire)
    out[slot] = read(cursor)
  }
}

/** Numbers come one by one or packed into one field, whatever the schema says. */
function listHandler(field: protobuf.Field, { slot, kind }: Want): Handler {
  const { wire: expected, read } = scalarReader(field, kind)
  return (cursor, wire, out) => {
    out[slot] ??= []
    const values = out[slot] as unknown[]
    if (wire === expected) {
      values.push(read(cursor))
      return
    }
    expectWire(field, WIRE.bytes, wire)
    const length = readVarint(cursor)
    const end = take(cursor, length) + length
    cursor.at = end - length
    while (cursor.at < end) values.push(read(cursor))
    if (cursor.at !== end) throw new BytesProblem(`field ${field.name}: expected whole elements, found a part of one`)
  }
}

function misfitHandler(field: protobuf.Field, wants: readonly Want[], value: Misfit): Handler {
  return (cursor, wire, out) => {
    skipField(cursor, field.id * 8 + wire)
    for (const { slot } of wants) out[slot] = value
  }
}

function expectWire(field: protobuf.Field, expected: number, found: number): void {
  if (found !== expected)
    throw new BytesProblem(`field ${field.name}: expected wire type ${expected} of ${field.type}, found ${found}`)
}

function describe(field: protobuf.Field): string {
  const type = field.resolvedType === null ? field.type : fullName(field.resolvedType)
  if (field.map) return `a map to ${type}`
  return field.repeated ? `a list of ${type}` : type
}

/** Columns whose path the message does not have. */
export function columnsOutsideMessage(type: protobuf.Type, specs: readonly ColumnSpec[]): string[] {
  const outside = specs.filter(
    ({ name, from, header }) => header === undefined && !has(type, (from ?? name).split('.')),
  )
  return outside.map(({ name }) => name)
}

function has(type: protobuf.Type, [step, ...rest]: readonly string[]): boolean {
  const field = type.fieldsArray.find(({ name }) => name === step)
  if (field === undefined || rest.length === 0) return field !== undefined
  return field.resolvedType instanceof protobuf.Type && has(field.resolvedType, rest)
}
