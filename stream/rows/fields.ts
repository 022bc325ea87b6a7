// One field of an event → one column: checked first, kept when the whole row is good.
import assert from 'node:assert/strict'
import { type Parsed, parseValue } from '../../core/values.ts'
import { type Column, type ColumnSpec, elementsAreBytes } from '../../schemas/columns.ts'
import {
  categoryReading,
  flagReading,
  numberReading,
  type ScannedField,
  textReading,
  timeReading,
  withScan,
} from '../bytes/scan-field.ts'
import { listReading } from '../bytes/scan-list.ts'
import { categoryTarget, listTarget, numberTarget, type Target, textTarget } from '../bytes/wire-put.ts'
import {
  buildBool,
  buildBytes,
  buildDictionary,
  buildFloat64,
  buildInt64,
  buildList,
  type ListBuilder,
} from './build.ts'

/** Every `check` that returns null is followed by `keep`, or by the next row's `check` when another field refused the row. */
export interface Field {
  readonly name: string
  /** null, or why the value cannot be in the column: "expected X, found Y" */
  check(json: unknown): string | null
  keep(): void
  /** forgets the row `rows`, if it was kept or put already: another field refused its record */
  rewind(rows: number): void
  /** where decoders of binary formats may put the next row, past `check` and `keep` */
  readonly target: Target
  finish(): Column
}

/** The column's field. The rules are parseValue's; the fast paths below and the scan only skip it where it would accept. */
export function fieldOf(spec: ColumnSpec): Field & ScannedField {
  switch (spec.kind) {
    case 'id': {
      const builder = buildBytes('utf8')
      const isGood = (json: unknown): boolean => typeof json === 'string' && json !== '' && json.isWellFormed()
      const lengths = { min: 1, max: Infinity }
      return withScan(
        scalarField(spec, { ...builder, target: textTarget(builder, lengths) }, isGood),
        textReading(builder, lengths),
      )
    }
    case 'text': {
      const builder = buildBytes('utf8')
      const lengths = { min: 0, max: spec.maxBytes }
      return withScan(
        scalarField(spec, { ...builder, target: textTarget(builder, lengths) }, () => false),
        textReading(builder, lengths),
      )
    }
    case 'time': {
      const builder = buildInt64()
      const isMs = spec.unit === undefined || spec.unit === 'ms'
      return withScan(
        scalarField(spec, { ...builder, target: numberTarget(builder) }, isMs ? Number.isSafeInteger : () => false),
        timeReading(builder, isMs),
      )
    }
    case 'category': {
      const builder = buildDictionary()
      // what was accepted once is accepted again
      const isGood = (json: unknown): boolean => typeof json === 'string' && builder.has(json)
      const target = categoryTarget(builder, spec.values)
      return withScan(scalarField(spec, { ...builder, target }, isGood), categoryReading(builder))
    }
    case 'number': {
      const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = spec
      const builder = buildFloat64()
      const isGood = (json: unknown): boolean => typeof json === 'number' && json >= min && json <= max
      const target = numberTarget(builder, spec)
      return withScan(scalarField(spec, { ...builder, target }, isGood), numberReading(builder, spec))
    }
    case 'flag': {
      const builder = buildBool()
      return withScan(
        scalarField(spec, { ...builder, target: numberTarget(builder) }, () => false),
        flagReading(builder),
      )
    }
    case 'numbers': {
      const builder = buildList(spec.length, elementsAreBytes(spec) ? 'byte' : 'float32')
      return withScan(listField(spec, builder), listReading(builder, spec))
    }
  }
}

interface ScalarBuilder<T> extends Pick<Field, 'target' | 'rewind' | 'finish'> {
  push(value: T): void
  pushNull(): void
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
    rewind: builder.rewind,
    target: builder.target,
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
      if (isNull || copyElements(spec, json, builder)) return null
      const parsed = parseValue(spec, json)
      assert(!parsed.ok, 'the fast check refused what parseValue accepts')
      return reasonOf(parsed)
    },
    keep: () => (isNull ? builder.pushNull() : builder.push()),
    rewind: builder.rewind,
    target: listTarget(builder, spec),
    finish: builder.finish,
  }
}

/** False when an element is not what the column holds; the slot is then overwritten by a later row. */
function copyElements(
  { length, min, max, integers }: Extract<ColumnSpec, { kind: 'numbers' }>,
  json: unknown,
  builder: ListBuilder,
): boolean {
  if (!(Array.isArray(json) || json instanceof Uint8Array) || json.length !== length) return false
  const start = builder.slot()
  const { values } = builder.store
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
