// A request's JSON → the raw row that the transform reads; the same rules as ingest, and errors that name the field.

import { similarTo } from '../../core/similar-names.ts'
import type { Value } from '../../core/values.ts'
import { parseValue } from '../../core/values.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import { shown } from '../../schemas/shown.ts'
import { foreignFormOf } from './foreign-forms.ts'

/** Different names that no column has, in all rows of a request: each is compared with the features, lest it be a misspelt one. */
const MAX_UNKNOWN_NAMES = 1_000
/** Names that a message lists. */
const LISTED = 10
/** A message says so much of what a column takes. */
const EXPECTED_LENGTH = 300
/** No column can have these names; nobody sends them by mistake. */
const NEVER_COLUMNS: readonly string[] = ['__proto__', 'constructor']

/** One row → the values of the model's features. */
export type RowReader = (json: unknown) => Record<string, Value>

export interface RequestRules {
  /**
   * For the rows of one request. A reader throws REQUEST_INVALID with the field's name; `whole` in its facts says that the row itself is
   * meant, `foreign` that it has no field which the model reads. It takes the fields that the transform uses and ignores others: columns
   * of the pipeline (id, label) and what no column has. Missing or null fields are filled as in training, but a list of numbers has no
   * fill and must be there. Refused are a row without a field that is used, and a field that looks like the misspelt name of an absent
   * one or has the name of its place in the event.
   */
  open(): RowReader
  /** The fields of a row that nobody outside wrote, such as a golden one: nothing is said of other fields. */
  readonly fields: RowReader
}

/** Throws MODEL_INVALID when the transform uses a column that the pipeline lacks. */
export function compileRequest(columns: readonly ColumnSpec[], transform: Transform): RequestRules {
  const known = new Map(columns.map((column) => [column.name, column]))
  const used = [...new Set(transform.features.map(({ column }) => column))].map((name) => {
    const spec = known.get(name)
    if (spec !== undefined) return spec
    throw failure('MODEL_INVALID', { model: `feature ${name}`, expected: 'a column of the pipeline', found: 'none' })
  })
  const usedNames = used.map(({ name }) => name)
  const usedSet = new Set(usedNames)
  const similar = similarTo(usedNames)
  const inEvents = namesInEvents(used)
  const expected = `a row such as {"${usedNames[0]}": …}, with at least one of ${listed(usedNames)}`
  const fields: RowReader = (json) => {
    const given = json as Readonly<Record<string, unknown>>
    const row: Record<string, Value> = {}
    for (const spec of used)
      row[spec.name] = parseField(spec, Object.hasOwn(given, spec.name) ? given[spec.name] : undefined)
    return row
  }
  const meantBy = (name: string) => [...(inEvents.get(name) ?? []), ...similar(name)]
  const open = (): RowReader => {
    const unknown = new Map<string, readonly string[]>()
    return (json) => {
      const given = objectOf(json)
      const names = Object.keys(given)
      let isAsked = false
      for (const name of names) {
        if (usedSet.has(name)) isAsked = true
        else if (!known.has(name) && !unknown.has(name)) unknown.set(name, judged(name, unknown.size, meantBy))
      }
      if (unknown.size > 0) refuseMisspelt(names, given, unknown)
      const form = isAsked ? undefined : foreignFormOf(names)
      if (form !== undefined) throw refuseRow(expected, form, { foreign: true })
      const row = fields(given)
      if (isAsked) return row
      const found = names.length === 0 ? 'an empty object' : `only ${listed(names.map((name) => shown(name)))}`
      throw refuseRow(expected, found, { foreign: true })
    }
  }
  return { open, fields }
}

/**
 * One row, for a page that answers by itself. Throws what a reader of `compileRequest` throws, but takes a row without any field: to whom
 * the page belongs, it asks for what is filled in.
 */
export function parseRow(columns: readonly ColumnSpec[], transform: Transform, json: unknown): Record<string, Value> {
  const rules = compileRequest(columns, transform)
  const isEmpty = typeof json === 'object' && json !== null && !Array.isArray(json) && Object.keys(json).length === 0
  return isEmpty ? rules.fields(json) : rules.open()(json)
}

/** First step of a column's path in events, and the path itself → the columns that stand there. */
function namesInEvents(used: readonly ColumnSpec[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { name, from } of used) {
    if (from === undefined) continue
    for (const each of new Set([from, from.split('.')[0]!])) names.set(each, [...(names.get(each) ?? []), name])
  }
  return names
}

function objectOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  throw refuseRow('an object', json === null ? 'null' : Array.isArray(json) ? 'a list' : `a ${typeof json}`)
}

/** The features that a name which no column has may mean; `before`: such names in the request until now. */
function judged(name: string, before: number, meantBy: (name: string) => readonly string[]): readonly string[] {
  if (NEVER_COLUMNS.includes(name)) throw refuseRow('names that columns have', `${shown(name)}, which no column has`)
  if (before === MAX_UNKNOWN_NAMES) {
    throw refuseRow(`at most ${MAX_UNKNOWN_NAMES} different names that no column has`, 'more in this request')
  }
  return meantBy(name)
}

function refuseMisspelt(
  names: readonly string[],
  given: Readonly<Record<string, unknown>>,
  unknown: ReadonlyMap<string, readonly string[]>,
): void {
  for (const field of names) {
    const meant = unknown.get(field)?.find((name) => !Object.hasOwn(given, name))
    if (meant !== undefined) {
      throw failure('REQUEST_INVALID', {
        field,
        expected: `a known field (did you mean ${meant}?)`,
        found: 'this name',
      })
    }
  }
}

function parseField(spec: ColumnSpec, json: unknown): Value {
  const parsed = parseValue(spec, json)
  if (!parsed.ok) {
    const { expected, found } = parsed
    const short = expected.length > EXPECTED_LENGTH ? `${expected.slice(0, EXPECTED_LENGTH).toWellFormed()}…` : expected
    throw failure('REQUEST_INVALID', { field: spec.name, expected: short, found })
  }
  if (parsed.value === null && spec.kind === 'numbers') {
    throw failure('REQUEST_INVALID', {
      field: spec.name,
      expected: `a list of ${spec.length} numbers`,
      found: 'nothing',
    })
  }
  return parsed.value
}

const refuseRow = (expected: string, found: string, more: { readonly foreign?: true } = {}): Error =>
  failure('REQUEST_INVALID', { field: 'row', whole: true, expected, found, ...more })

/** "a, b, c and 7 more" */
function listed(names: readonly string[]): string {
  const more = names.length - LISTED
  return more > 0 ? `${names.slice(0, LISTED).join(', ')} and ${more} more` : names.join(', ')
}
