// One training step as pure functions of tensors: gradients of a batch, and the update they make. Everything that changes between steps is a tensor, so that it can be compiled.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { OptimizerSpec } from '../../../schemas/plan.ts'
import type { Loss } from '../../losses/loss.ts'
import type { Network } from '../../network.ts'
import { gradientNorm } from '../../operations/gradient-norm.ts'
import { noiseOf } from '../../operations/noise.ts'
import { clipGradients } from '../../optimizers/clip.ts'
import type { Optimizer } from '../../optimizers/optimizer.ts'
import type { Tf } from '../../tf.ts'

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

/** A step's numbers and what it left. */
export interface StepDone extends StepNumbers {
  readonly state: ModelState
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
export function createStep(tf: Tf, parts: StepParts): (state: ModelState, batch: Batch, hyper: Hyper) => StepDone {
  return (state, batch, hyper) =>
    inScope(tf, () => {
      const { loss, gradients, averages } = gradientsOf(tf, parts, state, batch)
      const gradient = stepGradient(tf, parts, gradients)
      return { state: { ...updated(tf, parts, state, gradient, hyper), averages }, loss, norm: gradient.norm }
    })
}

/** The same by the mean gradient of all rows of several batches, for a step whose rows do not fit the device at once. */
export function createAccumulatedStep(
  tf: Tf,
  parts: StepParts,
): (state: ModelState, batches: readonly Batch[], hyper: Hyper) => StepDone {
  return (state, batches, hyper) =>
    inScope(tf, () => {
      const rows = batches.reduce((sum, { x }) => sum + x.shape[0], 0)
      let averages = state.averages
      let total: { loss: Tensor; gradients: readonly Tensor[] } | null = null
      for (const batch of batches) {
        const each = gradientsOf(tf, parts, { weights: state.weights, averages }, batch)
        const share = batch.x.shape[0] / rows
        const [loss, ...gradients] = [each.loss, ...each.gradients].map((value) => tf.mul(value, share))
        total = {
          loss: total === null ? loss! : tf.add(total.loss, loss!),
          gradients: gradients.map((gradient, i) =>
            total === null ? gradient : tf.add(total.gradients[i]!, gradient),
          ),
        }
        averages = each.averages
      }
      const { loss, gradients } = total!
      // averages of the first batches are thrown away with the scope; what a network leaves unchanged must outlive it
      const kept = averages.map((average, i) => (average === state.averages[i] ? tf.clone(average) : average))
      const gradient = stepGradient(tf, parts, gradients)
      const after = { ...updated(tf, parts, state, gradient, hyper), averages: kept }
      return { state: after, loss: loss as Scalar, norm: gradient.norm }
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
