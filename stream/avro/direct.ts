// A writer's schema, a reader's schema and columns → steps that put an Avro record into its columns without making values.
import type { ColumnSpec } from '../../schemas/columns.ts'
import { type DirectProgram, type Fallback, keepIfGood, runFallback } from '../bytes/direct.ts'
import { type Leaf, leafOf, runLeaf } from '../bytes/wire-leaf.ts'
import { type ListLeaf, runBlocks } from '../bytes/wire-list.ts'
import type { Target } from '../bytes/wire-put.ts'
import { countAt, READ, readWire, skipVarint } from '../bytes/wire-read.ts'
import type { Field } from '../rows/fields.ts'
import { type Want, wantsOf } from '../rows/wants.ts'
import { resolveFields, stepOf } from './program.ts'
import { type Skip, skipOf } from './read.ts'
import { matchingBranch, promotes } from './resolve.ts'
import type { AvroRecord, AvroType } from './schema.ts'
import { elementRead, storedOf } from './stored.ts'

const OP = {
  skipFixed: 0,
  skipVarint: 1,
  skipBytes: 2,
  skipAny: 3,
  leaf: 4,
  list: 5,
  union: 6,
  missing: 7,
  values: 8,
  optional: 9,
} as const

/** All steps have the same shape, so that one loop runs them without looking at what they are. */
interface Step {
  readonly op: (typeof OP)[keyof typeof OP]
  /** bytes, of skipFixed */
  readonly size: number
  readonly skip: Fallback | null
  readonly leaf: Leaf | null
  readonly list: ListLeaf | null
  readonly branches: readonly (readonly Step[])[]
  readonly missing: readonly Field[]
  /** of optional: the byte that says that the value is missing; the other of 0 and 2 is followed by the leaf */
  readonly nullByte: number
  /** makes values: of what leaf or list does not take, or of the whole part */
  readonly fallback: Fallback | null
}

interface Columns {
  readonly specs: readonly ColumnSpec[]
  readonly fields: readonly Field[]
}

/** Arguments as those of avroProgram, which says what a record becomes. */
export function avroDirectProgram(writer: AvroType, reader: AvroType, columns: Columns): DirectProgram {
  const steps = compile(writer, reader, wantsOf(columns.specs), columns)
  return (bytes, at, end) => run(steps, bytes, at, end)
}

function run(steps: readonly Step[], bytes: Buffer, start: number, end: number): number {
  let at = start
  for (let i = 0; i < steps.length && at >= 0; i++) {
    const step = steps[i]!
    switch (step.op) {
      case OP.skipFixed:
        at = end - at < step.size ? -1 : at + step.size
        break
      case OP.skipVarint:
        at = skipVarint(bytes, at, end)
        break
      case OP.skipBytes:
        at = readWire(READ.zigzagBytes, bytes, at, end, 0)
        break
      case OP.skipAny:
        at = runFallback(step.skip!, bytes, at, end)
        break
      case OP.leaf: {
        const after = runLeaf(step.leaf!, bytes, at, end)
        at = after < 0 ? runFallback(step.fallback!, bytes, at, end) : after
        break
      }
      case OP.list: {
        const after = runBlocks(step.list!, bytes, at, end)
        at = after < 0 ? runFallback(step.fallback!, bytes, at, end) : after
        break
      }
      case OP.union: {
        const branch = step.branches[countAt(bytes, at, end)]
        at = branch === undefined ? -1 : run(branch, bytes, skipVarint(bytes, at, end), end)
        break
      }
      case OP.optional:
        at = runOptional(step, bytes, at, end)
        break
      case OP.missing:
        for (const field of step.missing) if (!keepIfGood(field, undefined)) return -1
        break
      case OP.values:
        at = runFallback(step.fallback!, bytes, at, end)
        break
    }
  }
  return at
}

/** A union of null and a leaf: most of what may be missing, without a call for its branch. */
function runOptional(step: Step, bytes: Buffer, at: number, end: number): number {
  if (at >= end || (bytes[at]! & ~2) !== 0) return -1
  if (bytes[at] === step.nullByte) return keepIfGood(step.missing[0]!, undefined) ? at + 1 : -1
  const after = runLeaf(step.leaf!, bytes, at + 1, end)
  return after < 0 ? runFallback(step.fallback!, bytes, at + 1, end) : after
}

const NO_STEP = {
  op: OP.skipFixed,
  size: 0,
  skip: null,
  leaf: null,
  list: null,
  branches: [],
  missing: [],
  nullByte: 0,
  fallback: null,
} as const satisfies Step

/** One shape for all: the order of the keys is part of it. */
const make = (some: Partial<Step>): Step => ({ ...NO_STEP, ...some })

function compile(writer: AvroType, reader: AvroType, wants: readonly Want[], columns: Columns): readonly Step[] {
  if (wants.length === 0) return skipSteps(writer)
  if (writer.type === 'union') {
    const branches = writer.branches.map((branch) => compile(branch, reader, wants, columns))
    return [optionalStep(branches) ?? make({ op: OP.union, branches })]
  }
  const fieldsOfWants = wants.map(({ slot }) => columns.fields[slot]!)
  const areDeeper = wants.every(({ path }) => path.length > 0)
  const missing = make({ op: OP.missing, missing: fieldsOfWants })
  if (writer.type === 'null' && areDeeper) return [missing]
  const slots = wants.map(({ slot }) => slot)
  const fallback = { step: stepOf(writer, reader, wants), slots, fields: fieldsOfWants }
  const target = reader.type === 'union' ? matchingBranch(writer, reader.branches) : reader
  const values = make({ op: OP.values, fallback })
  if (target === undefined || !promotes(writer, target)) return [values]
  if (writer.type === 'record' && target.type === 'record' && areDeeper)
    return recordSteps(writer, target, wants, columns)
  const [want, ...more] = wants
  if (more.length > 0 || want!.path.length > 0) return [values]
  if (writer.type === 'null') return [missing]
  return [valueStep(writer, target, columns.specs[want!.slot]!, fieldsOfWants[0]!.target, fallback) ?? values]
}

/** null: another union than that of null and a leaf. */
function optionalStep(branches: readonly (readonly Step[])[]): Step | null {
  const [first, second] = branches.map(([step, more]) => (more === undefined ? step : undefined))
  const missing = [first, second].find((step) => step?.op === OP.missing)
  const leaf = [first, second].find((step) => step?.op === OP.leaf)
  if (branches.length !== 2 || missing?.missing.length !== 1 || leaf === undefined) return null
  return make({ ...leaf, op: OP.optional, missing: missing.missing, nullByte: missing === first ? 0 : 2 })
}

/** null: neither a leaf nor a list. */
function valueStep(
  writer: AvroType,
  reader: AvroType,
  spec: ColumnSpec,
  target: Target,
  fallback: Fallback,
): Step | null {
  if (writer.type === 'array') {
    const read = reader.type === 'array' && spec.kind === 'numbers' ? elementRead(writer.items, reader.items) : null
    return read === null ? null : make({ op: OP.list, list: { target, read }, fallback })
  }
  const stored = storedOf(writer, reader, spec.kind)
  const leaf = stored === null ? null : leafOf(stored, target)
  return leaf === null ? null : make({ op: OP.leaf, leaf, fallback })
}

function recordSteps(writer: AvroRecord, reader: AvroRecord, wants: readonly Want[], columns: Columns): Step[] {
  const { written, constants, absent } = resolveFields(writer, reader, wants)
  const steps = writer.fields.flatMap((field) => {
    const wanted = written.get(field)
    return wanted === undefined ? skipSteps(field.type) : compile(field.type, wanted.type, wanted.wants, columns)
  })
  const missing = absent.map(({ slot }) => columns.fields[slot]!)
  if (missing.length > 0) steps.push(make({ op: OP.missing, missing }))
  for (const { slot, value } of constants) {
    const step: Fallback['step'] = (_cursor, out) => {
      out[slot] = value
    }
    steps.push(make({ op: OP.values, fallback: { step, slots: [slot], fields: [columns.fields[slot]!] } }))
  }
  return merged(steps)
}

/** Neighbouring skips of a fixed size become one. */
function merged(steps: readonly Step[]): Step[] {
  const all: Step[] = []
  for (const step of steps) {
    const before = all.at(-1)
    if (before?.op === OP.skipFixed && step.op === OP.skipFixed)
      all[all.length - 1] = make({ op: OP.skipFixed, size: before.size + step.size })
    else all.push(step)
  }
  return all
}

function skipSteps(type: AvroType): readonly Step[] {
  switch (type.type) {
    case 'null':
      return []
    case 'boolean':
      return [make({ op: OP.skipFixed, size: 1 })]
    case 'float':
      return [make({ op: OP.skipFixed, size: 4 })]
    case 'double':
      return [make({ op: OP.skipFixed, size: 8 })]
    case 'fixed':
      return [make({ op: OP.skipFixed, size: type.size })]
    case 'int':
    case 'long':
      return [make({ op: OP.skipVarint })]
    case 'bytes':
    case 'string':
      return [make({ op: OP.skipBytes })]
    case 'union':
      return [make({ op: OP.union, branches: type.branches.map(skipSteps) })]
    default: {
      const step: Skip = skipOf(type)
      return [make({ op: OP.skipAny, skip: { step, slots: [], fields: [] } })]
    }
  }
}
