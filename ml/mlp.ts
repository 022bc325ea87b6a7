// The multilayer perceptron: shapes, seeded first weights, seeded dropout, and the forward pass in plain tensor operations.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { deriveSeed, flipCoins, seededRandom } from '../core/random.ts'
import type { ModelSpec, PredictSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'

export interface Architecture extends ModelSpec {
  readonly inputs: number
  /** one per class, or 1 */
  readonly outputs: number
}

/** One array on the JavaScript side. */
export interface Weight {
  /** e.g. "0/kernel" */
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export function architectureOf(model: ModelSpec, inputs: number, predict: PredictSpec): Architecture {
  const { kind, hidden, activation, dropout } = model
  return {
    kind,
    hidden,
    activation,
    dropout,
    inputs,
    outputs: predict.task === 'category' ? predict.classes.length : 1,
  }
}

/** Units before and after each layer, first to last; the last one is the output layer. */
export function layersOf({ inputs, hidden, outputs }: Architecture): { inputs: number; outputs: number }[] {
  const units = [inputs, ...hidden, outputs]
  return units.slice(1).map((after, layer) => ({ inputs: units[layer]!, outputs: after }))
}

/**
 * First weights, kernel and bias per layer: kernels uniform in ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010, formula 16), biases 0.
 * Each kernel has its own seed, so that a layer more does not change the ones before it.
 */
export function initialWeights(architecture: Architecture, seed: number): Weight[] {
  return layersOf(architecture).flatMap(({ inputs, outputs }, layer) => {
    const limit = Math.sqrt(6 / (inputs + outputs))
    const random = seededRandom(deriveSeed(seed, 'kernel', layer))
    const kernel = new Float32Array(inputs * outputs)
    for (let i = 0; i < kernel.length; i++) kernel[i] = (2 * random() - 1) * limit
    return [
      { name: `${layer}/kernel`, shape: [inputs, outputs], values: kernel },
      { name: `${layer}/bias`, shape: [outputs], values: new Float32Array(outputs) },
    ]
  })
}

/**
 * Fills the mask of one hidden layer for one step, [rows, units]: 0 with probability `dropout`, else 1 / (1 − dropout)
 * (inverted dropout: nothing to scale when predicting). Drawn from (seed, step, layer) alone, so a resumed run draws the same.
 */
export function drawDropout(
  mask: Float32Array,
  { dropout, seed, step, layer }: { dropout: number; seed: number; step: number; layer: number },
): void {
  flipCoins(mask, { seed: deriveSeed(seed, 'dropout', step, layer), share: dropout, hit: 0, miss: 1 / (1 - dropout) })
}

/** x [rows, inputs] → logits [rows, outputs]. `masks`: one per hidden layer while training, none when predicting. */
export function forward(
  tf: Tf,
  architecture: Architecture,
  { weights, x, masks }: { weights: readonly Tensor[]; x: Tensor2D; masks: readonly Tensor2D[] },
): Tensor2D {
  const layers = weights.length / 2
  const activate = architecture.activation === 'relu' ? reluOf(tf) : tf.tanh
  let h = x
  for (let layer = 0; layer < layers; layer++) {
    const z = tf.add(tf.matMul(h, weights[2 * layer] as Tensor2D), weights[2 * layer + 1]!) as Tensor2D // [rows, units]
    if (layer === layers - 1) return z
    h = activate(z) as Tensor2D
    const mask = masks[layer]
    if (mask !== undefined) h = tf.mul(h, mask)
  }
  return h
}

/** relu with a gradient of two operations instead of tfjs's step(), which builds constants on the JavaScript side each time. */
function reluOf(tf: Tf): (z: Tensor) => Tensor {
  return tf.customGrad((z, save) => {
    const y = tf.relu(z as Tensor)
    ;(save as (tensors: Tensor[]) => void)([y])
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.sign(saved[0]!)), // y ≥ 0, so its sign is 0 or 1
    }
  })
}
