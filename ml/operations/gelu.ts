// The activation of transformers, with a gradient of its own: few operations, each of which passes over the widest tensors of the network.
import type { Tensor } from '@tensorflow/tfjs'
import { executeTyped, nativeBackend } from '../backends/native.ts'
import type { Tf } from '../tf.ts'

/** 2 · √(2/π) */
const SLOPE = 2 * Math.sqrt(2 / Math.PI)
const CUBIC = SLOPE * 0.044715

/**
 * Hendrycks & Gimpel 2016, x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), in the equal form x · σ(a) with
 * a = 2 √(2/π) · (x + 0.044715 x³), since (1 + tanh z) / 2 = σ(2z).
 */
export function gelu<T extends Tensor>(tf: Tf, x: T): T {
  const sigmoidSlope = tf.getBackend() === 'tensorflow' ? nativeSlope(tf) : plainSlope(tf)
  return tf.customGrad((z, save) => {
    const input = z as Tensor
    const square = tf.square(input)
    const share = tf.sigmoid(tf.mul(input, tf.add(tf.mul(square, CUBIC), SLOPE)))
    ;(save as (tensors: Tensor[]) => void)([input, square, share])
    return {
      value: tf.mul(input, share),
      // σ(a) + x · σ(a) · (1 − σ(a)) · da/dx
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [at, squared, sigma] = saved as [Tensor, Tensor, Tensor]
        const inner = tf.add(tf.mul(squared, 3 * CUBIC), SLOPE)
        return tf.mul(dy, tf.add(tf.mul(sigmoidSlope(sigma, at), inner), sigma))
      },
    }
  })(x) as T
}

/** (σ, factor) → factor · σ · (1 − σ) */
type SigmoidSlope = (sigma: Tensor, factor: Tensor) => Tensor

const plainSlope =
  (tf: Tf): SigmoidSlope =>
  (sigma, factor) =>
    tf.mul(tf.mul(factor, sigma), tf.sub(1, sigma))

function nativeSlope(tf: Tf): SigmoidSlope {
  const backend = nativeBackend(tf)
  return (sigma, factor) => executeTyped(backend, 'SigmoidGrad', [sigma, factor])
}
