// The words about learning: the optimizer, the loss, a program of one's own; how long, from which seed, on which device.
import type {
  AdamSpec,
  AdamWSpec,
  LossSpec,
  OptimizerSpec,
  RmspropSpec,
  SgdSpec,
  TrainSpec,
} from '../../schemas/plan.ts'
import type { ModelWord } from './networks.ts'

type WordOf<S extends OptimizerSpec> = Partial<Omit<S, 'kind'>>

type OptimizerWord =
  | ({ readonly kind: 'sgd' } & WordOf<SgdSpec>)
  | ({ readonly kind: 'rmsprop' } & WordOf<RmspropSpec>)
  | ({ readonly kind: 'adam' } & WordOf<AdamSpec>)
  | ({ readonly kind: 'adamW' } & WordOf<AdamWSpec>)

/** Each also takes `warmup` (steps), `decay` (cosine, step or plateau), `clipNorm` and `clipValue`. */
export const optimizer = {
  /** Gradient descent. Defaults: rate 0.01, momentum 0, nesterov false. */
  sgd: (options: WordOf<SgdSpec> = {}): OptimizerWord => ({ kind: 'sgd', ...options }),
  /** Tieleman & Hinton 2012. Defaults: rate 0.001, rho 0.9, momentum 0, epsilon 1e-7. */
  rmsprop: (options: WordOf<RmspropSpec> = {}): OptimizerWord => ({ kind: 'rmsprop', ...options }),
  /** Adam (Kingma & Ba 2015). Defaults: rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7. */
  adam: (options: WordOf<AdamSpec> = {}): OptimizerWord => ({ kind: 'adam', ...options }),
  /** Adam with decay apart from the gradient (Loshchilov & Hutter 2019). Defaults: those of adam, weightDecay 0.004. */
  adamW: (options: WordOf<AdamWSpec> = {}): OptimizerWord => ({ kind: 'adamW', ...options }),
}

/** By class name ('true' and 'false' for a probability), or so that all classes weigh the same. */
type ClassWeightsWord = 'balanced' | Readonly<Record<string, number>>

type LossWord =
  | { readonly kind: 'crossEntropy'; readonly smoothing?: number; readonly classWeights?: ClassWeightsWord }
  | { readonly kind: 'focal'; readonly gamma?: number; readonly classWeights?: ClassWeightsWord }
  | Exclude<LossSpec, { readonly kind: 'crossEntropy' | 'focal' }>

export const loss = {
  /** For a category or a probability, where it is the default. `smoothing`: share of the truth that is spread over all classes. */
  crossEntropy: (options: Omit<Extract<LossWord, { kind: 'crossEntropy' }>, 'kind'> = {}): LossWord => ({
    kind: 'crossEntropy',
    ...options,
  }),
  /** Cross-entropy that cares less for what is already right (Lin et al. 2017); gamma ≥ 1, default 2. */
  focal: (options: Omit<Extract<LossWord, { kind: 'focal' }>, 'kind'> = {}): LossWord => ({
    kind: 'focal',
    ...options,
  }),
  /** For a number, where it is the default. */
  squared: (): LossWord => ({ kind: 'squared' }),
  /** For a number: outliers count less. */
  absolute: (): LossWord => ({ kind: 'absolute' }),
  /** For a number: squared up to `delta` (in its unit), absolute beyond. */
  huber: (options: { readonly delta: number }): LossWord => ({ kind: 'huber', ...options }),
}

export interface TrainWord
  extends Omit<TrainSpec, 'model' | 'optimizer' | 'loss' | 'checkpointEvery' | 'device' | 'trainer'> {
  readonly model: ModelWord
  readonly optimizer: OptimizerWord
  readonly loss?: LossWord
  /** steps between checkpoints; default 200 */
  readonly checkpointEvery?: number
  /** default 'any'; 'gpu' refuses to train on less */
  readonly device?: TrainSpec['device']
  /** a program that trains instead of sluice */
  readonly trainer?: TrainerWord
}

export interface TrainerWord {
  readonly command: readonly string[]
  readonly files?: readonly string[]
}

export const trainer = {
  /**
   * A program of your own, e.g. ['python3', './trainer.py'], run in the pipeline's folder (docs/reference/trainer-contract.md).
   * Arguments that begin with ./ or ../ are files whose digests join the plan; `files` names more of them, such as imported modules.
   */
  command: (command: readonly string[], options: { readonly files?: readonly string[] } = {}): TrainerWord => ({
    command,
    ...options,
  }),
}
