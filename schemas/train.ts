// The training of a plan: network, optimizer, loss, how long, from which seed, on which device.
import { modelShape } from './networks.ts'
import { byKind, flag, list, listOr, number, type Of, object, optional, sha256, text, words } from './shape.ts'

const count = number({ min: 1, integer: true })
const share = number({ min: 0, below: 1 })
const positive = number({ above: 0 })
const factor = number({ above: 0, below: 1 })

export type DecaySpec = Of<typeof decayShape>
export const decayShape = byKind('kind', {
  /** half a cosine from `rate` down to `to`, reached at the last planned step (Loshchilov & Hutter 2017, without restarts) */
  cosine: { to: number({ min: 0 }) },
  /** times `factor` after every `steps` steps */
  step: { steps: count, factor },
  /** times `factor` after `patience` epochs in a row without a better validation loss */
  plateau: { patience: count, factor },
})

/** What all optimizers share: the step size over time, and bounds of the gradient. */
const rate = {
  /** step size after the warm-up and before any decay */
  rate: positive,
  /** steps in which the rate rises linearly to `rate` */
  warmup: optional(count),
  /** how the rate falls afterwards; absent: not at all */
  decay: optional(decayShape),
  /** the gradient of all weights together is scaled down to this Euclidean norm */
  clipNorm: optional(positive),
  /** each value of the gradient is cut to [−clipValue, clipValue]; before clipNorm */
  clipValue: optional(positive),
}

export type OptimizerSpec = Of<typeof optimizerShape>
export const optimizerShape = byKind('kind', {
  sgd: { ...rate, momentum: share, nesterov: flag },
  rmsprop: {
    ...rate,
    /** share that the mean of squares keeps per step, in [0, 1) */
    rho: share,
    momentum: share,
    epsilon: positive,
  },
  adam: { ...rate, beta1: share, beta2: share, epsilon: positive },
  adamW: {
    ...rate,
    beta1: share,
    beta2: share,
    epsilon: positive,
    /** share of a kernel that is taken off per step, times the rate; biases and norms are left alone */
    weightDecay: number({ min: 0 }),
  },
})

const classWeights = optional(listOr(list(number({ min: 0 })), words('balanced')))

export type SgdSpec = Of<typeof optimizerShape.kinds.sgd>
export type RmspropSpec = Of<typeof optimizerShape.kinds.rmsprop>
export type AdamSpec = Of<typeof optimizerShape.kinds.adam>
export type AdamWSpec = Of<typeof optimizerShape.kinds.adamW>

/** What training makes small; absent in a plan: crossEntropy for a category or a probability, squared for a number. */
export type LossSpec = Of<typeof lossShape>
export const lossShape = byKind('kind', {
  crossEntropy: {
    /** share of the truth that is spread evenly over all classes, in [0, 1) (Szegedy et al. 2016, section 7) */
    smoothing: optional(share),
    /** how much each class counts: in class order (false, true for a probability), or by rows / (classes × rows of the class) */
    classWeights,
  },
  /** cross-entropy × (1 − p of the truth)^gamma (Lin et al. 2017) */
  focal: { gamma: number({ min: 1 }), classWeights },
  squared: {},
  absolute: {},
  /** squared up to `delta`, absolute beyond (Huber 1964) */
  huber: { delta: positive },
})

/** A program that trains instead of sluice. */
export interface TrainerSpec extends Of<typeof trainerShape> {}
export const trainerShape = object({
  /** program and arguments; those that begin with ./ or ../ are files beside the pipeline file */
  command: list(text(), { min: 1, expected: 'a program and its arguments' }),
  /** of the pipeline file, relative to the project: the program's working directory */
  folder: text(),
  /** files that decide the result; a change of one makes another plan and another training */
  files: list(object({ path: text(), sha256 })),
})

export interface TrainSpec extends Of<typeof trainShape> {}
export const trainShape = object({
  model: modelShape,
  optimizer: optimizerShape,
  loss: optional(lossShape),
  /** rows per step */
  batch: count,
  epochs: count,
  /** column of numbers that say how much each row counts in the loss; a missing one counts 1 */
  weight: optional(text()),
  /** parts that a batch is cut into, one after the other: less memory, the same gradient; absent: 1 */
  accumulate: optional(count),
  /** decay of a moving average of the weights, e.g. 0.999, which is then judged and kept instead of them */
  averageWeights: optional(factor),
  /** a step whose gradient, before any clipping, has a larger Euclidean norm over all weights together ends the training */
  gradientLimit: optional(positive),
  /** stop after this many epochs without a better validation loss; absent: run all epochs. The best weights are kept either way. */
  patience: optional(count),
  /** ends training early, with the best weights so far; minutes make the result depend on the machine's speed */
  budget: optional(object({ steps: optional(count), minutes: optional(positive) })),
  /** champion: begins with the weights of the model that is live, if there is one of the same shapes */
  from: optional(words('champion')),
  /** decides the initial weights, the shuffles and the dropout */
  seed: number({ min: 0, max: 2 ** 32 - 1, integer: true }),
  /** steps between checkpoints */
  checkpointEvery: count,
  /** gpu: refuse to train on less */
  device: words('any', 'cpu', 'gpu'),
  /** a program that trains instead of sluice */
  trainer: optional(trainerShape),
})
