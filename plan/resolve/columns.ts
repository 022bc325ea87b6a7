// Columns of a definition → the plan's list of columns.
import type { ColumnOrigin, ColumnSpec, TimeUnit } from '../../schemas/columns.ts'
import {
  type Bounds,
  entriesOf,
  type Fields,
  fieldsOf,
  flagOf,
  inside,
  listOf,
  numberOf,
  oneOf,
  type Place,
  refuse,
  textOf,
} from './check.ts'
import { resolvePersonal } from './personal.ts'

const KINDS = ['id', 'time', 'category', 'number', 'flag', 'numbers', 'text'] as const
const UNITS = ['s', 'ms', 'us', 'ns'] as const satisfies readonly TimeUnit[]
/** Names beginning with "_" belong to the columns that ingest adds. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

/** Columns in the order of the file; exactly one of them is the id. */
export function resolveColumns(place: Place, value: unknown): readonly ColumnSpec[] {
  const columns = Object.entries(entriesOf(place, value)).map(([name, word]) => {
    const at = inside(place, name)
    textOf(at, name, NAME, 'a column name: a letter, then letters, digits and "_"')
    if (name in {}) refuse(at, 'a column name that no JavaScript object has by itself', name)
    const { from, header, personal, ...rest } = entriesOf(at, word)
    const column = { ...resolveColumn(at, name, rest), ...resolveOrigin(at, { kind: rest.kind, from, header }) }
    return personal === undefined ? column : resolvePersonal(at, column, personal)
  })
  const ids = columns.filter((column) => column.kind === 'id').map((column) => column.name)
  if (ids.length !== 1) refuse(place, 'exactly one column.id(), by which an event counts once', ids)
  return columns
}

/** Steps may be any names but empty ones. */
const PATH = /^[^.]+(\.[^.]+)*$/

/** Where the column's value stands: in the field of its name, by a path, or in a header. */
function resolveOrigin(place: Place, { kind, from, header }: Fields): ColumnOrigin {
  if (header !== undefined) {
    if (kind !== 'text') refuse(inside(place, 'header'), 'column.header(…), which is text', kind)
    if (from !== undefined) refuse(place, 'either from or header', from)
    return { header: textOf(inside(place, 'header'), header) }
  }
  if (from === undefined) return {}
  return { from: textOf(inside(place, 'from'), from, PATH, 'names separated by dots, such as customer.address.city') }
}

function resolveColumn(place: Place, name: string, word: unknown): ColumnSpec {
  const kind = oneOf(inside(place, 'kind'), entriesOf(place, word).kind, KINDS)
  switch (kind) {
    case 'category':
      return resolveCategory(place, name, word)
    case 'number':
      return resolveNumber(place, name, word)
    case 'numbers':
      return resolveNumbers(place, name, word)
    case 'text': {
      const { maxBytes } = fieldsOf(place, word, { required: ['kind', 'maxBytes'] })
      return { name, kind, maxBytes: numberOf(inside(place, 'maxBytes'), maxBytes, { min: 1, integer: true }) }
    }
    case 'time': {
      const { unit } = fieldsOf(place, word, { required: ['kind'], optional: ['unit'] })
      return unit === undefined ? { name, kind } : { name, kind, unit: oneOf(inside(place, 'unit'), unit, UNITS) }
    }
    default:
      fieldsOf(place, word, { required: ['kind'] })
      return { name, kind }
  }
}

function resolveCategory(place: Place, name: string, word: unknown): ColumnSpec {
  const { values, top } = fieldsOf(place, word, { required: ['kind'], optional: ['values', 'top'] })
  if (values !== undefined && top !== undefined) refuse(place, 'either values or top', word)
  if (values !== undefined) return { name, kind: 'category', values: uniqueTexts(inside(place, 'values'), values) }
  if (top === undefined) return { name, kind: 'category' }
  return { name, kind: 'category', top: numberOf(inside(place, 'top'), top, { min: 1, max: 10_000, integer: true }) }
}

/** At least two different texts. */
function uniqueTexts(place: Place, value: unknown): readonly string[] {
  const texts = listOf(place, value).map((text, index) => textOf(inside(place, index), text))
  if (texts.length < 2) refuse(place, 'at least two values', value)
  const twice = texts.find((text, index) => texts.indexOf(text) !== index)
  if (twice !== undefined) refuse(place, 'different values', `${twice} twice`)
  return texts
}

function resolveNumber(place: Place, name: string, word: unknown): ColumnSpec {
  const fields = fieldsOf(place, word, { required: ['kind'], optional: ['unit', 'min', 'max', 'missing'] })
  const unit = fields.unit === undefined ? {} : { unit: textOf(inside(place, 'unit'), fields.unit) }
  const min = optionalNumber(place, fields, 'min')
  const max = optionalNumber(place, fields, 'max', min.min === undefined ? {} : { above: min.min })
  const missing = optionalNumber(place, fields, 'missing', { ...min, ...max })
  return { name, kind: 'number', ...unit, ...min, ...max, ...missing }
}

function optionalNumber<K extends string>(
  place: Place,
  fields: Fields,
  key: K,
  bounds: Bounds = {},
): { readonly [N in K]?: number } {
  if (fields[key] === undefined) return {}
  return { [key]: numberOf(inside(place, key), fields[key], bounds) } as { readonly [N in K]?: number }
}

function resolveNumbers(place: Place, name: string, word: unknown): ColumnSpec {
  const fields = fieldsOf(place, word, { required: ['kind', 'length', 'min', 'max', 'integers'] })
  const integers = flagOf(inside(place, 'integers'), fields.integers)
  const length = numberOf(inside(place, 'length'), fields.length, { min: 1, max: 1_000_000, integer: true })
  const min = numberOf(inside(place, 'min'), fields.min, { integer: integers })
  const max = numberOf(inside(place, 'max'), fields.max, { integer: integers, above: min })
  return { name, kind: 'numbers', length, min, max, integers }
}
