// A message type and columns → steps that put a message into its columns without making values.
// For messages as writers write them: fields in the order of their numbers, each once. Others are left to the general path.
import protobuf from 'protobufjs'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { type DirectProgram, type Fallback, keepIfGood, runFallback } from '../bytes/direct.ts'
import { type Leaf, leafOf, runLeaf } from '../bytes/wire-leaf.ts'
import { type ListLeaf, runPacked, runRepeated } from '../bytes/wire-list.ts'
import { putConstant, type Target } from '../bytes/wire-put.ts'
import { READ, readWire, skipVarint, varintAt } from '../bytes/wire-read.ts'
import type { Field } from '../rows/fields.ts'
import { type Want, wantsOf } from '../rows/wants.ts'
import { absentValue, handlerOf, slotsOfRivals } from './program.ts'
import { scalarReader, WIRE } from './read.ts'
import { elementRead, storedOf } from './stored.ts'

const OP = { leaf: 0, list: 1, message: 2, values: 3, skip: 4 } as const

/** One field of a message; all have the same shape, so that one loop runs them without looking at what they are. */
interface FieldStep {
  readonly op: (typeof OP)[keyof typeof OP]
  /** number · 8 + wire type, as it is expected */
  readonly tag: number
  /** of a list whose elements come one by one; −1: none */
  readonly elementTag: number
  readonly leaf: Leaf | null
  readonly list: ListLeaf | null
  readonly message: MessageSteps | null
  /** makes values: of what the leaf does not take, or of the whole field */
  readonly fallback: Fallback | null
  /** what the columns hold when the field is not there */
  readonly absent: readonly Absent[]
  /** one bit for each oneof of which several fields are wanted */
  readonly oneof: number
}

interface Absent {
  readonly field: Field
  readonly value: unknown
  /** of a number column whose field has a number for its default */
  readonly target: Target | null
}

interface MessageSteps {
  /** by number */
  readonly steps: readonly FieldStep[]
  readonly wanted: ReadonlySet<number>
}

interface Columns {
  readonly specs: readonly ColumnSpec[]
  readonly fields: readonly Field[]
}

/** Arguments as those of protobufProgram, which says what a message becomes. */
export function protobufDirectProgram(type: protobuf.Type, columns: Columns): DirectProgram {
  const message = compile(type, wantsOf(columns.specs), columns)
  return (bytes, at, end) => run(message, bytes, at, end)
}

function run({ steps, wanted }: MessageSteps, bytes: Buffer, start: number, end: number): number {
  let next = 0
  let oneofs = 0
  for (let at = start; at < end; ) {
    const tag = varintAt(bytes, at, end)
    if (tag < 0) return -1
    at = skipVarint(bytes, at, end)
    let found = next
    while (found < steps.length && steps[found]!.tag !== tag && steps[found]!.elementTag !== tag) found++
    if (found === steps.length) {
      // not by this schema, or a field again, out of order or as another type
      if (tag < 8 || wanted.has(Math.floor(tag / 8))) return -1
      at = skipWire(tag, bytes, at, end)
    } else {
      for (; next < found; next++) if (!keepAbsent(steps[next]!)) return -1
      const step = steps[next++]!
      if ((oneofs & step.oneof) !== 0) return -1
      oneofs |= step.oneof
      at = runField(step, tag, bytes, at, end)
    }
    if (at < 0) return -1
  }
  for (; next < steps.length; next++) if (!keepAbsent(steps[next]!)) return -1
  return end
}

function keepAbsent({ absent }: FieldStep): boolean {
  for (let i = 0; i < absent.length; i++) {
    const { field, value, target } = absent[i]!
    if (target === null) {
      if (!keepIfGood(field, value)) return false
      continue
    }
    if (!putConstant(target, value as number)) return false
  }
  return true
}

function runField(step: FieldStep, tag: number, bytes: Buffer, at: number, end: number): number {
  switch (step.op) {
    case OP.leaf: {
      const after = runLeaf(step.leaf!, bytes, at, end)
      return after < 0 ? runFallback(step.fallback!, bytes, at, end) : after
    }
    case OP.list:
      return tag === step.tag
        ? runPacked(step.list!, bytes, at, end)
        : runRepeated(step.list!, step.elementTag, bytes, at, end)
    case OP.message: {
      const behind = readWire(READ.bytes, bytes, at, end, 0)
      return behind < 0 ? -1 : run(step.message!, bytes, skipVarint(bytes, at, end), behind)
    }
    case OP.values:
      return runFallback(step.fallback!, bytes, at, end)
    case OP.skip:
      return skipWire(tag, bytes, at, end)
  }
}

function skipWire(tag: number, bytes: Buffer, at: number, end: number): number {
  switch (tag % 8) {
    case WIRE.varint:
      return skipVarint(bytes, at, end)
    case WIRE.fixed64:
      return end - at < 8 ? -1 : at + 8
    case WIRE.bytes:
      return readWire(READ.bytes, bytes, at, end, 0)
    case WIRE.fixed32:
      return end - at < 4 ? -1 : at + 4
    default:
      return -1
  }
}

function compile(type: protobuf.Type, wants: readonly Want[], columns: Columns): MessageSteps {
  const oneofs = type.oneofsArray
  const present = type.fieldsArray.toSorted((a, b) => a.id - b.id)
  const steps = present.map((field): FieldStep => {
    const inner = wants
      .filter(({ path }) => path[0] === field.name)
      .map((want) => ({ ...want, path: want.path.slice(1) }))
    const hasRivals = inner.length > 0 && slotsOfRivals(field, wants).length > 0
    const oneof = hasRivals ? 1 << (oneofs.indexOf(field.partOf!) % 31) : 0
    return { ...fieldStep(field, inner, columns), oneof }
  })
  const isWanted = ({ name }: protobuf.Field): boolean => wants.some(({ path }) => path[0] === name)
  const nowhere = wants.filter(({ path }) => !present.some(({ name }) => name === path[0]))
  // columns that the message has no field for are missing
  if (nowhere.length > 0) steps.push({ ...stepWith({ tag: -1 }), absent: absentOf(null, nowhere, columns) })
  return { steps, wanted: new Set(present.filter(isWanted).map(({ id }) => id)) }
}

/** One shape for all: the order of the keys is part of it. */
function stepWith(some: Partial<FieldStep> & { readonly tag: number }): FieldStep {
  const { op = OP.skip, tag, elementTag = -1, leaf = null, list = null } = some
  const { message = null, fallback = null, absent = [] } = some
  return { op, tag, elementTag, leaf, list, message, fallback, absent, oneof: 0 }
}

function fieldStep(field: protobuf.Field, wants: readonly Want[], columns: Columns): FieldStep {
  const [want, ...more] = wants
  if (want === undefined) return stepWith({ tag: field.id * 8 + wireOf(field) })
  const absent = absentOf(field, wants, columns)
  const type = field.resolvedType
  const isOne = !field.repeated && !field.map && !field.delimited
  const isLeaf = more.length === 0 && want.path.length === 0
  if (type instanceof protobuf.Type && isOne && wants.every(({ path }) => path.length > 0))
    return stepWith({ op: OP.message, tag: tagOf(field, WIRE.bytes), message: compile(type, wants, columns), absent })
  const wire = field.repeated || field.map ? WIRE.bytes : scalarReader(field, want.kind).wire
  const { target } = columns.fields[want.slot]!
  const spec = columns.specs[want.slot]!
  const read = isLeaf && field.repeated && spec.kind === 'numbers' ? elementRead(field) : null
  if (read !== null) {
    const elementTag = tagOf(field, scalarReader(field, want.kind).wire)
    return stepWith({ op: OP.list, tag: tagOf(field, wire), elementTag, list: { target, read }, absent })
  }
  const stored = isLeaf && isOne ? storedOf(field) : null
  const leaf = stored === null ? null : leafOf(stored, target)
  const fallback = fallbackOf(field, wire, wants, columns)
  return stepWith({ op: leaf === null ? OP.values : OP.leaf, tag: tagOf(field, wire), leaf, fallback, absent })
}

const tagOf = ({ id }: protobuf.Field, wire: number): number => id * 8 + wire

/** Of a field that no column wants. */
function wireOf(field: protobuf.Field): number {
  if (field.repeated || field.map) return WIRE.bytes
  return field.delimited ? WIRE.startGroup : scalarReader(field, 'text').wire
}

function fallbackOf(field: protobuf.Field, wire: number, wants: readonly Want[], { fields }: Columns): Fallback {
  const handler = handlerOf(field, wants)
  const slots = wants.map(({ slot }) => slot)
  return { step: (cursor, out) => handler(cursor, wire, out), slots, fields: slots.map((slot) => fields[slot]!) }
}

/** null: the message has no such field. */
function absentOf(field: protobuf.Field | null, wants: readonly Want[], { fields }: Columns): readonly Absent[] {
  return wants.map(({ slot, path, kind }) => {
    const value = field !== null && path.length === 0 ? absentValue(field) : undefined
    const isNumber = kind === 'number' && typeof value === 'number'
    return { field: fields[slot]!, value, target: isNumber ? fields[slot]!.target : null }
  })
}
