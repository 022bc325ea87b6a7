// The words about learning: the optimizer, how long, from which seed, on which device.
import type { OptimizerSpec, TrainSpec } from '../schemas/plan.ts'
import type { ModelWord } from './network-words.ts'

export interface OptimizerWord extends Partial<Omit<OptimizerSpec, 'kind'>> {
  readonly kind: 'adam'
}

export const optimizer = {
  /** Adam (Kingma & Ba 2015). Defaults: rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7. */
  adam: (options: Omit<OptimizerWord, 'kind'> = {}): OptimizerWord => ({ kind: 'adam', ...options }),
}

export interface TrainWord {
  readonly model: ModelWord
  readonly optimizer: OptimizerWord
  /** rows per step */
  readonly batch: number
  /** passes over the training rows, at most */
  readonly epochs: number
  /** stop after so many epochs without a better validation loss; the best weights are kept either way */
  readonly patience?: number
  /** decides the initial weights, the shuffles and the dropout: an integer in [0, 2^32) */
  readonly seed: number
  /** steps between checkpoints; default 200 */
  readonly checkpointEvery?: number
  /** default 'any'; 'gpu' refuses to train on less */
  readonly device?: TrainSpec['device']
}
