// One training step as pure functions of tensors: gradients of a batch, and the update they make. Everything that changes between steps is a tensor, so that it can be compiled.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { OptimizerSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { gradientNorm } from './gradient-norm.ts'
import type { Loss } from './losses/loss.ts'
import type { Network } from './network.ts'
import { noiseOf } from './noise.ts'
import { clipGradients } from './optimizers/clip.ts'
import type { Optimizer } from './optimizers/optimizer.ts'

export interface ModelState {
  /** in the order of `Network.weights` */
  readonly weights: readonly Tensor[]
  /** in the order of `Network.averages` */
  readonly averages: readonly Tensor[]
  /** for each weight, the optimizer's slots */
  readonly slots: readonly (readonly Tensor[])[]
}

/** What the gradient is taken of: all rows of a step, or a part of them where gradients are accumulated. */
export interface Batch {
  /** [rows, inputs] */
  readonly x: Tensor2D
  /** [rows] */
  readonly y: Tensor1D
  /** [rows] how much each row counts; absent: 1 */
  readonly weights?: Tensor1D
  /** [2], see noiseKeys */
  readonly key: Tensor1D
}

/** What an update is given beside the gradients. */
export interface Hyper {
  /** what the schedule says for this step */
  readonly rate: Scalar
  /** see Optimizer.stepSize */
  readonly stepSize: Scalar
}

/** The parts that a task is made of. */
export interface StepParts {
  readonly network: Network
  readonly loss: Loss
  readonly optimizer: Optimizer
  /** of the gradient */
  readonly bounds?: Pick<OptimizerSpec, 'clipNorm' | 'clipValue'>
  /** steps tell the norm of their gradient, see watchesNorm; default false */
  readonly watched?: boolean
}

/** The gradient of a whole step, in the order of the weights. */
export interface StepGradient {
  readonly gradients: readonly Tensor[]
  /** before any clipping; null where it is not watched */
  readonly norm: Scalar | null
}

/** What a step tells of itself. */
export interface StepNumbers {
  /** before the update, the mean over all rows */
  readonly loss: Scalar
  /** of the gradient, before any clipping; null where it is not watched */
  readonly norm: Scalar | null
}

export interface Gradients {
  /** before the update */
  readonly loss: Scalar
  /** in the order of the weights */
  readonly gradients: readonly Tensor[]
  /** new values of the averages */
  readonly averages: readonly Tensor[]
}

/** Loss and gradients of one batch. The results are the caller's to dispose. */
export function gradientsOf(
  tf: Tf,
  { network, loss }: Pick<StepParts, 'network' | 'loss'>,
  state: Pick<ModelState, 'weights' | 'averages'>,
  { x, y, weights: counts, key }: Batch,
): Gradients {
  return inScope(tf, () => {
    let averages: readonly Tensor[] = []
    const lossOfWeights = tf.valueAndGrads((...weights: Tensor[]) => {
      const passed = network.forward(tf, { weights, averages: state.averages, x, noise: noiseOf(tf, key) })
      averages = passed.averages.map((average) => tf.keep(average)) // they leave the gradient's own scope
      return loss(passed.logits, network.targets?.(tf, x, y) ?? y, counts)
    })
    const { value, grads } = lossOfWeights([...state.weights])
    return { loss: value as Scalar, gradients: grads, averages }
  })
}

/** Gradients of the mean over all rows, with their norm where it is watched. */
export function stepGradient(
  tf: Tf,
  { watched = false }: Pick<StepParts, 'watched'>,
  gradients: readonly Tensor[],
): StepGradient {
  return { gradients, norm: watched ? tf.tidy(() => gradientNorm(tf, gradients)) : null }
}

/** The state after one update by this gradient. What goes in is left alone. */
export function updated(
  tf: Tf,
  { network, optimizer, bounds = {} }: Omit<StepParts, 'loss'>,
  { weights, slots }: Pick<ModelState, 'weights' | 'slots'>,
  { gradients, norm }: StepGradient,
  { rate, stepSize }: Hyper,
): Pick<ModelState, 'weights' | 'slots'> {
  return inScope(tf, () => {
    const updates = clipGradients(tf, bounds, gradients, norm).map((gradient, i) =>
      optimizer.update({
        spec: network.weights[i]!,
        weight: weights[i]!,
        gradient,
        slots: slots[i]!,
        stepSize,
        rate,
      }),
    )
    return { weights: updates.map(({ weight }) => weight), slots: updates.map((each) => each.slots) }
  })
}

/** Both at once, for a step of one batch. */
export function createStep(
  tf: Tf,
  parts: StepParts,
): (state: ModelState, batch: Batch, hyper: Hyper) => StepNumbers & { readonly state: ModelState } {
  return (state, batch, hyper) =>
    inScope(tf, () => {
      const { loss, gradients, averages } = gradientsOf(tf, parts, state, batch)
      const gradient = stepGradient(tf, parts, gradients)
      return { state: { ...updated(tf, parts, state, gradient, hyper), averages }, loss, norm: gradient.norm }
    })
}

/** The loss of a batch as in predicting: no dropout, averages instead of the batch's own statistics, every row counts once. */
export function evaluatedLoss(
  tf: Tf,
  { network, loss }: Pick<StepParts, 'network' | 'loss'>,
  { weights, averages, x, y }: Pick<ModelState, 'weights' | 'averages'> & Pick<Batch, 'x' | 'y'>,
): Scalar {
  return tf.tidy(() => {
    const { logits } = network.forward(tf, { weights, averages, x })
    return loss(logits, network.targets?.(tf, x, y) ?? y)
  })
}

/** tf.tidy for results of any shape: its own type refuses read-only lists. */
export function inScope<T>(tf: Tf, compute: () => T): T {
  return tf.tidy(compute as () => never)
}
