// A number to predict on the scale that it is learnt on, and back; the losses of the plan on that scale.

import { log1p } from '../../core/log1p.ts'
import type { FittedLabel } from '../../schemas/dataset.ts'
import type { TrainSpec } from '../../schemas/plan.ts'

/** value of the column → what is learnt, in deviations from the mean; float64 */
export function scaledLabel({ log, mean, deviation }: FittedLabel, value: number): number {
  return ((log ? log1p(value) : value) - mean) / deviation
}

/** The other way: what stood in the column, up to rounding. */
export function unscaledLabel({ log, mean, deviation }: FittedLabel, scaled: number): number {
  const value = scaled * deviation + mean
  return log ? Math.expm1(value) : value
}

/** The settings of a training whose labels are scaled: a delta is said in the unit of the label (with log: of its logarithm). */
export function scaledTrain(train: TrainSpec, label: FittedLabel | undefined): TrainSpec {
  const { loss } = train
  if (label === undefined || loss?.kind !== 'huber') return train
  return { ...train, loss: { ...loss, delta: loss.delta / label.deviation } }
}
