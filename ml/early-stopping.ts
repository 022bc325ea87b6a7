// When an epoch is the best so far, and when training ends.
import type { TrainSpec } from '../schemas/plan.ts'
import type { EpochRecord } from './checkpoint.ts'

/** Marks the epoch as best when its validation loss is below that of every epoch before; equal is not better. */
export function recordEpoch(before: readonly EpochRecord[], epoch: Omit<EpochRecord, 'best'>): EpochRecord {
  return { ...epoch, best: before.every((record) => epoch.validationLoss < record.validationLoss) }
}

/** All epochs done, or `patience` epochs in a row without a new best one. Follows from the records alone, so a resumed run agrees. */
export function isFinished(
  epochs: readonly EpochRecord[],
  { epochs: planned, patience }: Pick<TrainSpec, 'epochs' | 'patience'>,
): boolean {
  if (epochs.length >= planned) return true
  if (patience === undefined) return false
  const best = epochs.findLastIndex((record) => record.best)
  return best >= 0 && epochs.length - 1 - best >= patience
}
