// One field of an event → one column: checked first, kept when the whole row is good.
import assert from 'node:assert/strict'
import { fitsElement, type Rule, ruleOf, takesBytes } from '../../core/rule.ts'
import { elementOf, type Parsed, parseByRule, plainOf } from '../../core/values.ts'
import type { Column, ColumnSpec } from '../../schemas/columns.ts'
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
import { bytesTarget, dictionaryTarget, listTarget, numberTarget, type Target } from '../bytes/wire-put.ts'
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

/** The column's field. Whatever reads for it judges by the column's one rule: core/rule.ts. */
export function fieldOf(spec: ColumnSpec): Field & ScannedField {
  const { name } = spec
  const rule = ruleOf(spec)
  switch (rule.kind) {
    case 'id':
    case 'text': {
      const builder = buildBytes('utf8')
      const field = scalarField({ name, rule, target: bytesTarget(rule, builder) }, builder)
      return withScan(field, textReading(rule, builder))
    }
    case 'category': {
      const builder = buildDictionary()
      // what was accepted once is accepted again
      const known = (json: unknown): boolean => typeof json === 'string' && builder.has(json)
      const field = scalarField({ name, rule, target: dictionaryTarget(rule, builder) }, builder, known)
      return withScan(field, categoryReading(builder))
    }
    case 'time': {
      const builder = buildInt64()
      const field = scalarField({ name, rule, target: numberTarget(rule, builder) }, builder)
      return withScan(field, timeReading(rule, builder))
    }
    case 'number': {
      const builder = buildFloat64()
      const field = scalarField({ name, rule, target: numberTarget(rule, builder) }, builder)
      return withScan(field, numberReading(rule, builder))
    }
    case 'flag': {
      const builder = buildBool()
      const field = scalarField({ name, rule, target: numberTarget(rule, builder) }, builder)
      return withScan(field, flagReading(builder))
    }
    case 'numbers': {
      const builder = buildList(rule.length, rule.element)
      return withScan(listField(name, rule, builder), listReading(rule, builder))
    }
  }
}

interface ScalarBuilder<T> extends Pick<Field, 'rewind' | 'finish'> {
  push(value: T): void
  pushNull(): void
}

/** `isGood`: true only for values that parseByRule accepts as they are. */
function scalarField<T extends string | number>(
  { name, rule, target }: Pick<Field, 'name' | 'target'> & { readonly rule: Rule },
  builder: ScalarBuilder<T>,
  isGood = plainOf(rule),
): Field {
  let held: T | null = null
  return {
    name,
    check(json) {
      if (isGood(json)) {
        held = json as T
        return null
      }
      const parsed = parseByRule(rule, json)
      if (!parsed.ok) return reasonOf(parsed)
      held = parsed.value as T | null
      return null
    },
    keep: () => (held === null ? builder.pushNull() : builder.push(held)),
    rewind: builder.rewind,
    target,
    finish: builder.finish,
  }
}

/** Checks and copies in one loop, straight into the column's next row. */
function listField(name: string, rule: Rule, builder: ListBuilder): Field {
  let isNull = false
  return {
    name,
    check(json) {
      isNull = json === null || json === undefined
      if (isNull || copyElements(rule, json, builder)) return null
      const parsed = parseByRule(rule, json)
      assert(!parsed.ok, 'the fast check refused what parseByRule accepts')
      return reasonOf(parsed)
    },
    keep: () => (isNull ? builder.pushNull() : builder.push()),
    rewind: builder.rewind,
    target: listTarget(rule, builder),
    finish: builder.finish,
  }
}

/** False when an element is not what the column holds; the slot is then overwritten by a later row. */
function copyElements(rule: Rule, json: unknown, builder: ListBuilder): boolean {
  const { length, min, max, integers } = rule
  if (!(Array.isArray(json) || json instanceof Uint8Array) || json.length !== length) return false
  const start = builder.slot()
  const { values } = builder.store
  if (json instanceof Uint8Array && takesBytes(rule)) {
    values.set(json, start)
    return true
  }
  for (let i = 0; i < length; i++) {
    const x = elementOf(json[i])
    if (typeof x !== 'number' || !fitsElement(x, min, max, integers)) return false
    values[start + i] = x
  }
  return true
}

function reasonOf({ expected, found }: Extract<Parsed, { ok: false }>): string {
  return `expected ${expected}, found ${found}`
}
