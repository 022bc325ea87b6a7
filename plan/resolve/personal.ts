// `personal` of a column: which columns may have it, and what may not look at them any more.
import { type ColumnSpec, type PersonalAction, personalOf } from '../../schemas/columns.ts'
import type { Plan } from '../../schemas/plan.ts'
import { inside, oneOf, type Place, refuse } from './check.ts'

const OF_TEXT = ['hash', 'mask', 'drop'] as const satisfies readonly PersonalAction[]

/** The column with what becomes of it. An id can only be hashed: rows are told apart by it. */
export function resolvePersonal(place: Place, column: ColumnSpec, value: unknown): ColumnSpec {
  const at = inside(place, 'personal')
  if (column.kind === 'id') return { ...column, personal: oneOf(at, value, ['hash']) }
  if (column.kind === 'text') return { ...column, personal: oneOf(at, value, OF_TEXT) }
  return refuse(at, 'column.id or column.text: other kinds cannot hold a hash', column.kind)
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
