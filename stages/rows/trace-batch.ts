// What becomes of the rows of a batch by a plan: the same rules, order of arrival and split as cleaning takes, told row by row.
import { strict as assert } from 'node:assert'
import type { FirstArrivals } from '../../clean/first-arrivals.ts'
import { columnsOf } from '../../clean/kernels.ts'
import { FATE, ruleBook, rulesOf, wantedBy } from '../../clean/rules.ts'
import { assignSplits } from '../../clean/split.ts'
import type { Columns } from '../../schemas/columns.ts'
import { type Plan, type RuleSpec, SPLITS } from '../../schemas/plan.ts'
import { shown } from '../../schemas/shown.ts'
import type { FailedRule, Fate, Place, TracedRow } from '../../schemas/traced-row.ts'
import { cellAt } from './cell.ts'

/** UTF-16 units of a value that a rule found */
const MAX_FOUND = 80

export interface TraceOptions {
  readonly plan: Plan
  readonly topic: string
  /** null: nothing is a duplicate */
  readonly firsts: FirstArrivals | null
  /** false: the row is left out */
  readonly isWanted?: (fate: Fate) => boolean
}

/** Rows in their order. A rule that would stop a run lets its rows through here, and stands among those that they fail. */
export function traceBatch(batch: Columns, { plan, topic, firsts, isWanted = () => true }: TraceOptions): TracedRow[] {
  const lenient = withoutStops(plan)
  const rules = rulesOf(lenient)
  const { fate, failures: marks } = ruleBook(lenient).judge(batch)
  firsts?.markLater(batch, fate, FATE.duplicate)
  const assigned = new Uint8Array(batch.rows)
  assignSplits(plan.split, columnOf(batch, plan.split.column), assigned)

  const id = plan.columns.find(({ kind }) => kind === 'id')
  const traced: TracedRow[] = []
  for (let row = 0; row < batch.rows; row++) {
    const became = FATES[fate[row]!]!
    if (!isWanted(became)) continue
    const failed = rules.filter(({ name }) => marks.find((each) => each.name === name)?.failed[row] === 1)
    const isOut = became === 'dropped' || became === 'quarantined'
    traced.push({
      topic,
      ...placeAt(batch, row),
      time: timeAt(batch, row),
      fate: became,
      id: id === undefined ? null : (cellAt(columnOf(batch, id.name), row) as string | null),
      rule: isOut ? (failed.find(({ action }) => action === 'drop' || action === 'quarantine')?.name ?? null) : null,
      failed: failed.map((rule) => failedRule(batch, row, rule)),
      split: became === 'kept' ? SPLITS[assigned[row]!]! : null,
      first: became === 'duplicate' ? firsts!.placeOfFirst(batch, row) : null,
      row: Object.fromEntries(plan.columns.map(({ name }) => [name, cellAt(columnOf(batch, name), row)])),
    })
  }
  return traced
}

const FATES: Readonly<Record<number, Fate>> = {
  [FATE.kept]: 'kept',
  [FATE.dropped]: 'dropped',
  [FATE.quarantined]: 'quarantined',
  [FATE.duplicate]: 'duplicate',
}

/** The plan with rules that only count where they would end the run: whoever looks for bad rows wants to see them. */
function withoutStops(plan: Plan): Plan {
  return { ...plan, rules: plan.rules.map((rule) => (rule.action === 'fail' ? { ...rule, action: 'warn' } : rule)) }
}

/** Names of what may take a row: the rules, the built-in one for labels where there is one, and decode. */
export function takers(plan: Plan): string[] {
  return [...rulesOf(withoutStops(plan)).map(({ name }) => name), 'decode']
}

/** Tells `firsts` the rows of a batch, as cleaning does; they are not told apart yet. */
export function rememberFirsts(batch: Columns, { plan, firsts }: { plan: Plan; firsts: FirstArrivals }): void {
  const { fate } = ruleBook(withoutStops(plan)).judge(batch)
  firsts.markLater(batch, fate, FATE.duplicate)
}

function failedRule(batch: Columns, row: number, { name, unless }: RuleSpec): FailedRule {
  const valueIn = (column: string): string => {
    const value = cellAt(columnOf(batch, column), row)
    return value === null ? 'nothing' : shown(value, MAX_FOUND)
  }
  const [column, ...others] = columnsOf(unless)
  const beside = others.map((other) => `${other}: ${valueIn(other)}`)
  return { rule: name, column, expected: wantedBy(unless), found: [valueIn(column), ...beside].join('; ') }
}

function placeAt(batch: Columns, row: number): Place {
  const [partition, offset] = [columnOf(batch, '_partition'), columnOf(batch, '_offset')]
  return { partition: cellAt(partition, row) as number, offset: cellAt(offset, row) as number }
}

/** Broken clocks write times beyond those of a Date, which nobody could read either. */
function timeAt(batch: Columns, row: number): string | null {
  const ms = Number(cellAt(columnOf(batch, '_timestamp'), row))
  return ms < 0 || Number.isNaN(new Date(ms).getTime()) ? null : new Date(ms).toISOString()
}

function columnOf(batch: Columns, name: string) {
  const column = batch.byName[name]
  assert(column, `batches hold the column ${name}`)
  return column
}
