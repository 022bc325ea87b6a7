// When an epoch is the best so far, and when training ends.
import type { TrainSpec } from '../../schemas/plan.ts'
import type { EpochRecord } from './checkpoint.ts'

/** epochs: all planned ones are done. patience: too many without a better one. steps, minutes: the budget is spent. */
export type Ending = 'epochs' | 'patience' | 'steps' | 'minutes'

/** Marks the epoch as best when its validation loss is below that of every epoch before; equal is not better. */
export function recordEpoch(before: readonly EpochRecord[], epoch: Omit<EpochRecord, 'best'>): EpochRecord {
  return { ...epoch, best: before.every((record) => epoch.validationLoss < record.validationLoss) }
}

/** What budgets limit. */
export interface Spent {
  /** steps done */
  readonly step: number
  /** in this and earlier attempts */
  readonly elapsedMs: () => number
}

/** The budget that is spent, or null; it also ends an epoch in its middle. */
export function budgetSpent({ step, elapsedMs }: Spent, budget: TrainSpec['budget']): Ending | null {
  if (budget?.steps !== undefined && step >= budget.steps) return 'steps'
  if (budget?.minutes !== undefined && elapsedMs() >= 60_000 * budget.minutes) return 'minutes'
  return null
}

/**
 * Why training ends here, or null: all epochs done, `patience` epochs in a row without a new best one, or a budget. Follows from the
 * position alone, so a resumed run agrees.
 */
export function endingOf(
  { epochs, ...spent }: Spent & { readonly epochs: readonly EpochRecord[] },
  { epochs: planned, patience, budget }: Pick<TrainSpec, 'epochs' | 'patience' | 'budget'>,
): Ending | null {
  if (epochs.length >= planned) return 'epochs'
  const spentBudget = budgetSpent(spent, budget)
  if (spentBudget !== null) return spentBudget
  if (patience === undefined) return null
  const best = epochs.findLastIndex((record) => record.best)
  return best >= 0 && epochs.length - 1 - best >= patience ? 'patience' : null
}
