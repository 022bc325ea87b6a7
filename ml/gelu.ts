// The activation of transformers, with a gradient of its own.
import type { Tensor } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'

const ROOT = Math.sqrt(2 / Math.PI)
const CUBIC = 0.044715

/** Hendrycks & Gimpel 2016, in the form with tanh: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
export function gelu<T extends Tensor>(tf: Tf, x: T): T {
  return tf.customGrad((z, save) => {
    const input = z as Tensor
    const square = tf.square(input)
    const t = tf.tanh(tf.mul(input, tf.add(tf.mul(square, ROOT * CUBIC), ROOT)))
    const half = tf.add(tf.mul(t, 0.5), 0.5)
    ;(save as (tensors: Tensor[]) => void)([input, t, half])
    return {
      value: tf.mul(input, half),
      // half + x/2 · (1 − t²) · √(2/π) · (1 + 3 · 0.044715 x²)
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [at, tanh, share] = saved as [Tensor, Tensor, Tensor]
        const inner = tf.add(tf.mul(tf.square(at), 1.5 * ROOT * CUBIC), 0.5 * ROOT)
        const slope = tf.mul(tf.sub(at, tf.mul(at, tf.square(tanh))), inner)
        return tf.mul(dy, tf.add(share, slope))
      },
    }
  })(x) as T
}
