// Rules of a definition → the plan's list of rules, checked against the columns.
import { entriesOf, inside, listOf, numberOf, oneOf, type Place, refuse } from '../../schemas/check.ts'
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'
import { type CheckSpec, checkShape, type RuleAction, type RuleSpec, ruleShape } from '../../schemas/plan.ts'
import { columnOf } from './columns.ts'
import { fieldOf, fieldsLike } from './word.ts'

/** A run tells of each how many rows it rejected: the names of more would not travel through Temporal. */
const MAX_RULES = 2_000

/** Row accounting counts records that did not decode under this name. */
const RESERVED_RULE = 'decode'

/** Kinds of columns that a check can be about; undefined: all. */
const KINDS: Readonly<Record<CheckSpec['check'], readonly ColumnKind[] | undefined>> = {
  present: undefined,
  between: ['number'],
  oneOf: ['category'],
  longer: ['text'],
  compare: ['number', 'time'],
  sum: ['number'],
}

export function resolveRules(place: Place, value: unknown, columns: readonly ColumnSpec[]): readonly RuleSpec[] {
  const { name: nameShape, ...ofWord } = ruleShape.fields
  const entries = Object.entries(entriesOf(place, value))
  if (entries.length > MAX_RULES) refuse(place, `at most ${MAX_RULES} rules`, entries.length)
  return entries.map(([name, word]) => {
    const at = inside(place, name)
    nameShape.read(at, name)
    if (name === RESERVED_RULE) refuse(at, 'another name: that one counts records that do not decode', name)
    const fields = fieldsLike(at, word, ofWord)
    const action = fieldOf(at, fields, ruleShape, 'action')
    return { name, action, unless: resolveCheck(inside(at, 'unless'), fields.unless, columns, action) }
  })
}

function resolveCheck(place: Place, word: unknown, columns: readonly ColumnSpec[], action: RuleAction): CheckSpec {
  const checks = Object.keys(checkShape.kinds) as CheckSpec['check'][]
  const check = oneOf(inside(place, 'check'), entriesOf(place, word).check, checks)
  const fields = fieldsLike(place, word, checkShape.kinds[check].fields)
  const column = columnOf(inside(place, 'column'), fields.column, columns, KINDS[check])
  if (check === 'present' && fields.mostly !== undefined && action !== 'fail')
    refuse(inside(place, 'mostly'), 'only in a fail rule: a share is a fact about all rows', action)
  if (check === 'between')
    numberOf(inside(place, 'high'), fields.high, { min: numberOf(inside(place, 'low'), fields.low) })
  if (check === 'oneOf' && column.kind === 'category' && column.values !== undefined)
    checkDeclared(inside(place, 'values'), fields.values, column.values)
  if (check === 'compare') checkOther(inside(place, 'other'), fields.other, columns, column)
  if (check === 'sum')
    for (const [i, name] of listOf(inside(place, 'of'), fields.of).entries())
      columnOf(inside(inside(place, 'of'), i), name, columns, KINDS.sum)
  return checkShape.read(place, { ...fields, column: column.name })
}

/** A column is not compared with itself, nor a number with a time. */
function checkOther(place: Place, name: unknown, columns: readonly ColumnSpec[], column: ColumnSpec): void {
  const others = columns.filter((each) => each.name !== column.name)
  columnOf(place, name, others, [column.kind])
}

function checkDeclared(place: Place, values: unknown, declared: readonly string[]): void {
  for (const [index, value] of listOf(place, values).entries()) oneOf(inside(place, index), value, declared)
}
