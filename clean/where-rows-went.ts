// Where the rows of a dataset went, in words: which rules took how many, and what is left for each split.
import type { RowAccounting } from '../schemas/dataset.ts'
import { SPLITS } from '../schemas/plan.ts'

/** rules that are named, those first that took most */
const NAMED = 8

/** e.g. "of 62 events 2 did not decode, rule "rich" took 40, 3 were duplicates; 17 are left: train 10, validate 7, test 0" */
export function whereRowsWent(accounting: RowAccounting): string {
  const { clean, duplicates, rejectedBy, split } = accounting
  const { decode = 0, ...byRule } = rejectedBy
  const rules = Object.entries(byRule)
    .filter(([, rows]) => rows > 0)
    .sort(([, a], [, b]) => b - a)
  const others = rules.slice(NAMED).reduce((sum, [, rows]) => sum + rows, 0)
  const took = [
    ...(decode > 0 ? [`${decode} did not decode`] : []),
    ...rules.slice(0, NAMED).map(([rule, rows]) => `rule "${rule}" took ${rows}`),
    ...(others > 0 ? [`${rules.length - NAMED} more rules took ${others}`] : []),
    ...(duplicates > 0 ? [`${duplicates} were duplicates`] : []),
  ]
  const events = accounting.in === 1 ? '1 event' : `${accounting.in} events`
  const left = `${clean} ${clean === 1 ? 'is' : 'are'} left: ${SPLITS.map((name) => `${name} ${split[name]}`).join(', ')}`
  return took.length === 0 ? `of ${events} nothing was taken; ${left}` : `of ${events} ${took.join(', ')}; ${left}`
}
