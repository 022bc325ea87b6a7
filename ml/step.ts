// One training step as a pure function: (state, batch, hyper) → (state', loss). Everything that changes between steps is a tensor, so that it can be compiled.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'
import type { Loss } from './loss.ts'
import type { Network } from './network.ts'
import { noiseOf } from './noise.ts'
import type { Optimizer } from './optimizers/optimizer.ts'

export interface ModelState {
  /** in the order of `Network.weights` */
  readonly weights: readonly Tensor[]
  /** in the order of `Network.averages` */
  readonly averages: readonly Tensor[]
  /** for each weight, the optimizer's slots */
  readonly slots: readonly (readonly Tensor[])[]
}

export interface Batch {
  /** [rows, inputs] */
  readonly x: Tensor2D
  /** [rows] */
  readonly y: Tensor1D
}

/** What a step is given beside its batch. */
export interface Hyper {
  /** what the schedule says for this step */
  readonly rate: Scalar
  /** see Optimizer.stepSize */
  readonly stepSize: Scalar
  /** [2], see noiseKey */
  readonly key: Tensor1D
}

/** The parts that a task is made of. */
export interface StepParts {
  readonly network: Network
  readonly loss: Loss
  readonly optimizer: Optimizer
}

export type Step = (
  state: ModelState,
  batch: Batch,
  hyper: Hyper,
) => { readonly state: ModelState; readonly loss: Scalar }

/** The step in tensor operations. Its result is the caller's to dispose; the state that went in is left alone. */
export function createStep(tf: Tf, { network, loss, optimizer }: StepParts): Step {
  return (state, { x, y }, { rate, stepSize, key }) =>
    inScope(tf, () => {
      let averages: readonly Tensor[] = []
      const lossOfWeights = tf.valueAndGrads((...weights: Tensor[]) => {
        const passed = network.forward(tf, { weights, averages: state.averages, x, noise: noiseOf(tf, key) })
        averages = passed.averages.map((average) => tf.keep(average)) // they leave the gradient's own scope
        return loss(passed.logits, network.targets?.(tf, x, y) ?? y)
      })
      const { value, grads } = lossOfWeights([...state.weights])
      const updates = grads.map((gradient, i) =>
        optimizer.update({
          spec: network.weights[i]!,
          weight: state.weights[i]!,
          gradient,
          slots: state.slots[i]!,
          stepSize,
          rate,
        }),
      )
      return {
        state: {
          weights: updates.map(({ weight }) => weight),
          averages,
          slots: updates.map(({ slots }) => slots),
        },
        loss: value as Scalar,
      }
    })
}

/** The loss of a batch as in predicting: no dropout, averages instead of the batch's own statistics. */
export function evaluatedLoss(
  tf: Tf,
  { network, loss }: Pick<StepParts, 'network' | 'loss'>,
  { weights, averages, x, y }: Pick<ModelState, 'weights' | 'averages'> & Batch,
): Scalar {
  return tf.tidy(() => {
    const { logits } = network.forward(tf, { weights, averages, x })
    return loss(logits, network.targets?.(tf, x, y) ?? y)
  })
}

/** tf.tidy for results of any shape: its own type refuses read-only lists. */
function inScope<T>(tf: Tf, compute: () => T): T {
  return tf.tidy(compute as () => never)
}
