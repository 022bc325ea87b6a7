// One field of an event → one column: checked first, kept when the whole row is good.
import assert from 'node:assert/strict'
import { type Parsed, parseValue } from '../core/values.ts'
import { type Column, type ColumnSpec, elementsAreBytes } from '../schemas/columns.ts'
import {
  buildBool,
  buildBytes,
  buildDictionary,
  buildFloat64,
  buildInt64,
  buildList,
  type ListBuilder,
} from './build.ts'
import {
  categoryReading,
  flagReading,
  listReading,
  numberReading,
  type ScannedField,
  textReading,
  timeReading,
  withScan,
} from './scan-field.ts'

/** Every `check` that returns null is followed by `keep`, or by the next row's `check` when another field refused the row. */
export interface Field {
  readonly name: string
  /** null, or why the value cannot be in the column: "expected X, found Y" */
  check(json: unknown): string | null
  keep(): void
  finish(): Column
}

/** The column's field. The rules are parseValue's; the fast paths below and the scan only skip it where it would accept. */
export function fieldOf(spec: ColumnSpec): Field & ScannedField {
  switch (spec.kind) {
    case 'id': {
      const builder = buildBytes('utf8')
      const isGood = (json: unknown): boolean => typeof json === 'string' && json !== '' && json.isWellFormed()
      return withScan(scalarField(spec, builder, isGood), textReading(builder, { min: 1, max: Infinity }))
    }
    case 'text': {
      const builder = buildBytes('utf8')
      return withScan(
        scalarField(spec, builder, () => false),
        textReading(builder, { min: 0, max: spec.maxBytes }),
      )
    }
    case 'time': {
      const builder = buildInt64()
      const isMs = spec.unit === undefined || spec.unit === 'ms'
      return withScan(scalarField(spec, builder, isMs ? Number.isSafeInteger : () => false), timeReading(builder, isMs))
    }
    case 'category': {
      const builder = buildDictionary()
      // what was accepted once is accepted again
      const isGood = (json: unknown): boolean => typeof json === 'string' && builder.has(json)
      return withScan(scalarField(spec, builder, isGood), categoryReading(builder))
    }
    case 'number': {
      const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = spec
      const builder = buildFloat64()
      const isGood = (json: unknown): boolean => typeof json === 'number' && json >= min && json <= max
      return withScan(scalarField(spec, builder, isGood), numberReading(builder, spec))
    }
    case 'flag': {
      const builder = buildBool()
      return withScan(
        scalarField(spec, builder, () => false),
        flagReading(builder),
      )
    }
    case 'numbers': {
      const builder = buildList(spec.length, elementsAreBytes(spec) ? 'byte' : 'float32')
      return withScan(listField(spec, builder), listReading(builder, spec))
    }
  }
}

interface ScalarBuilder<T> {
  push(value: T): void
  pushNull(): void
  finish(): Column
}

function scalarField<T extends string | number>(
  spec: ColumnSpec,
  builder: ScalarBuilder<T>,
  /** true only for values that parseValue accepts as they are */
  isGood: (json: unknown) => boolean,
): Field {
  let held: T | null = null
  return {
    name: spec.name,
    check(json) {
      if (isGood(json)) {
        held = json as T
        return null
      }
      const parsed = parseValue(spec, json)
      if (!parsed.ok) return reasonOf(parsed)
      held = parsed.value as T | null
      return null
    },
    keep: () => (held === null ? builder.pushNull() : builder.push(held)),
    finish: builder.finish,
  }
}

/** Checks and copies in one loop, straight into the column's next row. */
function listField(spec: Extract<ColumnSpec, { kind: 'numbers' }>, builder: ListBuilder): Field {
  let isNull = false
  return {
    name: spec.name,
    check(json) {
      isNull = json === null || json === undefined
      if (isNull || copyElements(spec, json, builder.slot())) return null
      const parsed = parseValue(spec, json)
      assert(!parsed.ok, 'the fast check refused what parseValue accepts')
      return reasonOf(parsed)
    },
    keep: () => (isNull ? builder.pushNull() : builder.push()),
    finish: builder.finish,
  }
}

/** False when an element is not what the column holds; the slot is then overwritten by a later row. */
function copyElements(
  { length, min, max, integers }: Extract<ColumnSpec, { kind: 'numbers' }>,
  json: unknown,
  { values, start }: { readonly values: Uint8Array | Float32Array; readonly start: number },
): boolean {
  if (!(Array.isArray(json) || json instanceof Uint8Array) || json.length !== length) return false
  for (let i = 0; i < length; i++) {
    const x: unknown = json[i]
    if (typeof x !== 'number' || !(x >= min && x <= max)) return false
    if (integers && !Number.isInteger(x)) return false
    values[start + i] = x
  }
  return true
}

function reasonOf({ expected, found }: Extract<Parsed, { ok: false }>): string {
  return `expected ${expected}, found ${found}`
}
