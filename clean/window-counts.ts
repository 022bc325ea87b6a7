// Where the rows of windows went: counts that add up to a dataset's accounting.
import type { RowAccounting } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import { type Plan, SPLITS, type SplitName } from '../schemas/plan.ts'
import { checkAccounting } from './reconcile.ts'
import { type RuleCounts, ruleBook } from './rules.ts'
import { whereRowsWent } from './where-rows-went.ts'

export interface WindowCounts extends RuleCounts {
  readonly rows: number
  readonly duplicates: number
  readonly split: Readonly<Record<SplitName, number>>
}

/** Of no row, with the names of all rules. */
export function nothing(plan: Pick<Plan, 'rules' | 'predict'>): WindowCounts {
  return { ...ruleBook(plan).none, rows: 0, duplicates: 0, split: { train: 0, validate: 0, test: 0 } }
}

export function sumCounts(counts: readonly WindowCounts[]): WindowCounts {
  const sum = { rows: 0, duplicates: 0, failures: {}, rejectedBy: {}, split: { train: 0, validate: 0, test: 0 } }
  for (const each of counts) {
    sum.rows += each.rows
    sum.duplicates += each.duplicates
    for (const name of ['failures', 'rejectedBy', 'split'] as const) addTo(sum[name], each[name])
  }
  return sum
}

function addTo(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
}

/**
 * The accounting of a dataset; `decodeRejects` = records that never became rows. Throws RULE_FAILED (`mostly`), TOO_FEW_ROWS (an empty
 * split) and ROWS_UNACCOUNTED.
 */
export function accountFor(
  plan: Pick<Plan, 'rules' | 'predict'>,
  { counts, decodeRejects }: { readonly counts: readonly WindowCounts[]; readonly decodeRejects: number },
): RowAccounting {
  const { rows, duplicates, failures, rejectedBy, split } = sumCounts([nothing(plan), ...counts])
  ruleBook(plan).requireShares(rows, failures)
  const taken = { decode: decodeRejects, ...rejectedBy }
  const accounting: RowAccounting = {
    in: rows + decodeRejects,
    clean: SPLITS.reduce((sum, name) => sum + split[name], 0),
    rejected: Object.values(taken).reduce((sum, count) => sum + count, 0),
    duplicates,
    rejectedBy: taken,
    failures,
    split,
  }
  checkAccounting(accounting)
  for (const name of SPLITS) {
    if (split[name] === 0)
      throw failure('TOO_FEW_ROWS', { split: name, expected: 1, found: 0, taken: whereRowsWent(accounting) })
  }
  return accounting
}
