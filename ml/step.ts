// One training step as a pure function: (state, batch, hyper) → (state', loss). Everything that changes between steps is a tensor, so that it can be compiled.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { PredictSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { lossOf } from './loss.ts'
import { type Architecture, forward } from './mlp.ts'
import { type AdamConstants, adamUpdate, type Moments } from './optimizer.ts'

export interface ModelState {
  readonly weights: readonly Tensor[]
  readonly moments: Moments
}

export interface Batch {
  readonly x: Tensor2D
  readonly y: Tensor1D
  /** dropout masks, one per hidden layer; empty without dropout */
  readonly masks: readonly Tensor2D[]
}

/** Settings of the optimizer as tensors. */
export interface Hyper {
  readonly constants: AdamConstants
  /** step size of this step, see adamRate */
  readonly rate: Scalar
}

export type Step = (
  state: ModelState,
  batch: Batch,
  hyper: Hyper,
) => { readonly state: ModelState; readonly loss: Scalar }

/** The eager step. Its result is the caller's to dispose; the state that went in is left alone. */
export function createStep(
  tf: Tf,
  { architecture, predict }: { architecture: Architecture; predict: PredictSpec },
): Step {
  const loss = lossOf(tf, predict)
  return (state, { x, y, masks }, { constants, rate }) =>
    tf.tidy(() => {
      const lossOfWeights = tf.valueAndGrads((...weights: Tensor[]) =>
        loss(forward(tf, architecture, { weights, x, masks }), y),
      )
      const { value, grads } = lossOfWeights([...state.weights])
      const updates = grads.map((gradient, i) =>
        adamUpdate(tf, constants, {
          weight: state.weights[i]!,
          gradient,
          m: state.moments.first[i]!,
          v: state.moments.second[i]!,
          rate,
        }),
      )
      return {
        state: {
          weights: updates.map(({ weight }) => weight),
          moments: { first: updates.map(({ m }) => m), second: updates.map(({ v }) => v) },
        },
        loss: value as Scalar,
      }
    })
}
