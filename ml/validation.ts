// The loss on rows that training never sees, computed in a fixed order.
import type { Tensor } from '@tensorflow/tfjs'
import type { PredictSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import type { Matrix } from './batches.ts'
import { lossOf } from './loss.ts'
import { type Architecture, forward } from './mlp.ts'

/** rows per forward pass */
const CHUNK = 2048

/** Mean loss over all rows, without dropout. */
export function validationLoss(
  { tf, architecture, predict }: { tf: Tf; architecture: Architecture; predict: PredictSpec },
  weights: readonly Tensor[],
  { rows, width, inputs, labels }: Matrix,
): number {
  const loss = lossOf(tf, predict)
  let sum = 0
  for (let start = 0; start < rows; start += CHUNK) {
    const end = Math.min(start + CHUNK, rows)
    const mean = tf.tidy(() => {
      const x = tf.tensor2d(inputs.subarray(start * width, end * width), [end - start, width])
      const y = tf.tensor1d(labels.subarray(start, end))
      return loss(forward(tf, architecture, { weights, x, masks: [] }), y).dataSync()[0]!
    })
    sum += mean * (end - start)
  }
  return sum / rows
}
