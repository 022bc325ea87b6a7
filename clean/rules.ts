// Applies a pipeline's rules to batches: every failure is counted, the first rule that rejects a row decides its fate.
import { strict as assert } from 'node:assert'
import type { Columns } from '../schemas/columns.ts'
import { failure } from '../schemas/failures.ts'
import type { Plan, RuleSpec } from '../schemas/plan.ts'
import { listed } from '../schemas/shown.ts'
import { checkRows } from './kernels.ts'
import type { NamedFailures } from './quarantine.ts'

/** Rows without a label cannot teach: this rule is added unless the pipeline has its own. */
const LABEL_RULE = 'label is present'

/** What became of a row so far. Rejected rows are not looked at again. */
export const FATE = { kept: 0, dropped: 1, quarantined: 2, duplicate: 3 } as const

/** What rules took, by their names. */
export interface RuleCounts {
  /** every failure of every rule */
  readonly failures: Readonly<Record<string, number>>
  /** each rejected row once, under the rule that decided */
  readonly rejectedBy: Readonly<Record<string, number>>
}

export interface Judged {
  /** the FATE of each row */
  readonly fate: Uint8Array
  /** the rules with at least one failed row */
  readonly failures: readonly NamedFailures[]
  /** Of the rows [from, to). */
  count(from: number, to: number): RuleCounts
}

export interface RuleBook {
  /** Throws RULE_FAILED at the first row that fails a `fail` rule. */
  judge(batch: Columns): Judged
  /** counts of no row */
  readonly none: RuleCounts
  /** Judges the `mostly` shares of all rows of a dataset. Throws RULE_FAILED. */
  requireShares(rows: number, failures: RuleCounts['failures']): void
}

export function ruleBook(plan: Pick<Plan, 'rules' | 'predict'>): RuleBook {
  const rules = rulesOf(plan)
  return {
    none: { failures: zeroCounts(rules), rejectedBy: zeroCounts(rules.filter(rejects)) },
    judge(batch) {
      const failed = failuresOf(rules, batch)
      stopAtFirst(failed, batch)
      const fate = new Uint8Array(batch.rows)
      // by the rule's position + 1
      const rejectedBy = new Uint16Array(batch.rows)
      for (const { rule, failed: marks } of failed)
        if (rejects(rule)) reject(rules.indexOf(rule), { rule, marks, fate, rejectedBy })
      return {
        fate,
        failures: failed.map(({ rule, failed: marks }) => ({ name: rule.name, failed: marks })),
        count: (from, to) => countsOf(rules, failed, rejectedBy, from, to),
      }
    },
    requireShares(rows, failures) {
      for (const rule of rules) checkShare(rule, rows, failures[rule.name]!)
    },
  }
}

function countsOf(
  rules: readonly RuleSpec[],
  failed: readonly RuleFailures[],
  rejectedBy: Uint16Array,
  from: number,
  to: number,
): RuleCounts {
  const counts = { failures: zeroCounts(rules), rejectedBy: zeroCounts(rules.filter(rejects)) }
  for (const { rule, failed: marks } of failed) {
    let count = 0
    for (let row = from; row < to; row++) count += marks[row]!
    counts.failures[rule.name] = count
  }
  for (let row = from; row < to; row++)
    if (rejectedBy[row] !== 0) counts.rejectedBy[rules[rejectedBy[row]! - 1]!.name]!++
  return counts
}

/** The plan's rules, and last the implicit label rule if none of them keeps missing labels out. */
export function rulesOf(plan: Pick<Plan, 'rules' | 'predict'>): readonly RuleSpec[] {
  const { column } = plan.predict
  const guarded = plan.rules.some(
    ({ action, unless }) => action !== 'warn' && unless.column === column && mostlyOf(unless) === undefined,
  )
  if (guarded) return plan.rules
  const taken = plan.rules.some((rule) => rule.name === LABEL_RULE)
  const name = taken ? `${LABEL_RULE} (built in)` : LABEL_RULE
  return [...plan.rules, { name, action: 'drop', unless: { check: 'present', column } }]
}

interface RuleFailures {
  readonly rule: RuleSpec
  readonly failed: Uint8Array
  readonly count: number
}

function failuresOf(rules: readonly RuleSpec[], batch: Columns): readonly RuleFailures[] {
  return rules.map((rule) => ({ rule, ...checkRows(rule.unless, batch) })).filter(({ count }) => count > 0)
}

/** The first bad row over all `fail` rules, so that the message does not depend on how rows were cut into batches. */
function stopAtFirst(failed: readonly RuleFailures[], batch: Columns): void {
  const stops = failed
    .filter(({ rule }) => rule.action === 'fail' && mostlyOf(rule.unless) === undefined)
    .map((stop) => ({ ...stop, row: stop.failed.indexOf(1) }))
    .sort((a, b) => a.row - b.row)
  const first = stops[0]
  if (first === undefined) return
  const { _partition: partition, _offset: offset } = batch.byName
  assert(partition?.type === 'int32' && offset?.type === 'int64', 'batches hold _partition and _offset')
  const place = { partition: partition.values[first.row]!, offset: Number(offset.values[first.row]!) }
  throw failure('RULE_FAILED', {
    rule: first.rule.name,
    expected: `${describe(first.rule)} in every row`,
    found: `a row that fails it in partition ${place.partition} at offset ${place.offset}`,
    ...place,
  })
}

/** Of the rows that no rule rejected before. */
function reject(
  index: number,
  {
    rule,
    marks,
    fate,
    rejectedBy,
  }: {
    readonly rule: RuleSpec
    readonly marks: Uint8Array
    readonly fate: Uint8Array
    readonly rejectedBy: Uint16Array
  },
): void {
  const becomes = rule.action === 'drop' ? FATE.dropped : FATE.quarantined
  for (let row = 0; row < fate.length; row++) {
    if (marks[row] === 0 || fate[row] !== FATE.kept) continue
    fate[row] = becomes
    rejectedBy[row] = index + 1
  }
}

function checkShare(rule: RuleSpec, rows: number, failed: number): void {
  const mostly = mostlyOf(rule.unless)
  if (rule.action !== 'fail' || mostly === undefined || rows - failed >= mostly * rows) return
  throw failure('RULE_FAILED', {
    rule: rule.name,
    expected: `${describe(rule)} in at least ${percent(mostly)} of rows`,
    found: `${percent((rows - failed) / rows)}: ${failed} of ${rows} rows fail`,
  })
}

function rejects({ action }: RuleSpec): boolean {
  return action === 'drop' || action === 'quarantine'
}

function mostlyOf(check: RuleSpec['unless']): number | undefined {
  return check.check === 'present' ? check.mostly : undefined
}

const describe = ({ unless }: Pick<RuleSpec, 'unless'>): string => `${unless.column} ${wantedBy(unless)}`

const RELATIONS = { less: 'less than', atMost: 'at most', equal: 'equal to' } as const

/** What a check wants of its column, in words: "between 0 and 50". */
export function wantedBy(unless: RuleSpec['unless']): string {
  switch (unless.check) {
    case 'present':
      return 'present'
    case 'between':
      return `between ${unless.low} and ${unless.high}`
    case 'oneOf':
      return `one of ${listed(unless.values)}`
    case 'longer':
      return `longer than ${unless.bytes} bytes`
    case 'compare':
      return `${RELATIONS[unless.relation]} ${unless.other}`
    case 'sum':
      return `${unless.of.join(' + ')}${unless.within === 0 ? '' : `, to within ${unless.within}`}`
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}

function zeroCounts(rules: readonly RuleSpec[]): Record<string, number> {
  return Object.fromEntries(rules.map((rule) => [rule.name, 0]))
}
