// Columns of a definition → the plan's list of columns, and which column another word names.
import {
  entriesOf,
  type Fields,
  flagOf,
  inside,
  numberOf,
  oneOf,
  type Place,
  refuse,
  textOf,
} from '../../schemas/check.ts'
import { type ColumnKind, type ColumnSpec, columnShape, personalOf } from '../../schemas/columns.ts'
import type { Plan } from '../../schemas/plan.ts'
import { listed } from '../../schemas/shown.ts'
import { fieldsLike } from './word.ts'

const KINDS = Object.keys(columnShape.kinds) as readonly ColumnKind[]
/** Names beginning with "_" belong to the columns that ingest adds. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/
/** Fields that are no matter of the kind alone. */
const GENERAL: readonly string[] = ['name', 'from', 'header', 'personal']

/** Columns in the order of the file; exactly one of them is the id. */
export function resolveColumns(place: Place, value: unknown): readonly ColumnSpec[] {
  const columns = Object.entries(entriesOf(place, value)).map(([name, word]) => {
    const at = inside(place, name)
    textOf(at, name, NAME, 'a column name: a letter, then letters, digits and "_"')
    if (name in {}) refuse(at, 'a column name that no JavaScript object has by itself', name)
    return resolveColumn(at, name, entriesOf(at, word))
  })
  const ids = columns.filter((column) => column.kind === 'id').map((column) => column.name)
  if (ids.length !== 1) refuse(place, 'exactly one column.id(), by which an event counts once', ids)
  return columns
}

function resolveColumn(place: Place, name: string, { from, header, personal, ...rest }: Fields): ColumnSpec {
  const kind = oneOf(inside(place, 'kind'), rest.kind, KINDS)
  const own = Object.entries(columnShape.kinds[kind].fields).filter(([field]) => !GENERAL.includes(field))
  const given = fieldsLike(place, rest, Object.fromEntries(own))
  if (kind === 'number') checkNumber(place, given)
  if (kind === 'numbers') checkNumbers(place, given)
  if (kind === 'category' && given.values !== undefined && given.top !== undefined)
    refuse(place, 'either values or top', rest)
  checkOrigin(place, { kind, from, header })
  if (personal !== undefined && kind !== 'id' && kind !== 'text')
    refuse(inside(place, 'personal'), 'column.id or column.text: other kinds cannot hold a hash', kind)
  const spec = columnShape.read(place, {
    name,
    ...given,
    from,
    header,
    ...(personal === undefined ? {} : { personal }),
  })
  if (spec.kind === 'category') checkDifferent(inside(place, 'values'), spec.values ?? [])
  return spec
}

function checkNumber(place: Place, { min, max, missing }: Fields): void {
  const lowest = min === undefined ? undefined : numberOf(inside(place, 'min'), min)
  const highest =
    max === undefined ? undefined : numberOf(inside(place, 'max'), max, lowest === undefined ? {} : { above: lowest })
  const bounds = {
    ...(lowest === undefined ? {} : { min: lowest }),
    ...(highest === undefined ? {} : { max: highest }),
  }
  if (missing !== undefined) numberOf(inside(place, 'missing'), missing, bounds)
}

function checkNumbers(place: Place, { min, max, integers }: Fields): void {
  const integer = flagOf(inside(place, 'integers'), integers)
  const above = numberOf(inside(place, 'min'), min, { integer })
  numberOf(inside(place, 'max'), max, { integer, above })
}

function checkDifferent(place: Place, values: readonly string[]): void {
  const seen = new Set<string>()
  const twice = values.find((text) => seen.size === seen.add(text).size)
  if (twice !== undefined) refuse(place, 'different values', `${twice} twice`)
}

/** The value stands in the field of the column's name, by a path, or in a header. */
function checkOrigin(place: Place, { kind, from, header }: Fields): void {
  if (header === undefined) return
  if (kind !== 'text') refuse(inside(place, 'header'), 'column.header(…), which is text', kind)
  if (from !== undefined) refuse(place, 'either from or header', from)
}

/** The column that a word names; it must be of one of these kinds. */
export function columnOf(
  place: Place,
  name: unknown,
  columns: readonly ColumnSpec[],
  kinds?: readonly ColumnKind[],
): ColumnSpec {
  const fitting = columns.filter(({ kind }) => kinds === undefined || kinds.includes(kind))
  const found = fitting.find((column) => column.name === name)
  if (found !== undefined) return found
  const other = columns.find((column) => column.name === name)
  const names = listed(fitting.map((column) => column.name)) || 'none here'
  const expected = kinds === undefined ? `a column (${names})` : `a column of kind ${kinds.join(' or ')} (${names})`
  return refuse(place, expected, other === undefined ? name : `${other.name}, a column of kind ${other.kind}`)
}

/** Rules and splits see the value that is stored: what would be a fact about a hash, a mask or nothing is refused. */
export function checkPersonalUses(place: Place, { columns, rules, split }: Pick<Plan, 'columns' | 'rules' | 'split'>) {
  const actionOf = new Map(columns.map((column) => [column.name, personalOf(column)]))
  for (const { name, unless } of rules) {
    const action = actionOf.get(unless.column)
    if (action === undefined || (unless.check === 'present' && action !== 'drop')) continue
    const at = inside(inside(place, 'rules'), name)
    refuse(at, `a check that holds for a personal column with ${action}`, `${unless.check} of ${unless.column}`)
  }
  const action = actionOf.get(split.column)
  if (action === undefined || action === 'hash') return
  refuse(inside(place, 'split'), 'a column whose values differ', `${split.column}, personal with ${action}`)
}
