// Of a plan's training settings those that decide the weights: what a model's recipe is.
import type { TrainSpec } from '../schemas/plan.ts'

/** Without `checkpointEvery`: a training that is resumed, however often it was kept, ends with the same weights. */
export function weightSettings({ checkpointEvery: _, ...train }: TrainSpec): Omit<TrainSpec, 'checkpointEvery'> {
  return train
}
