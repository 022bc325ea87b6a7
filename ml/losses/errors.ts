// Losses of a number: squared, absolute, and Huber's mixture, with their gradients.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import type { ExampleLoss } from './loss.ts'

/** d², d = z − y; gradient 2 d */
export function squaredError(tf: Tf): ExampleLoss {
  return (logits, y) => {
    const d = difference(tf, logits, y)
    return { losses: flat(tf, tf.square(d)), gradients: tf.mul(d, 2) }
  }
}

/** |d|; gradient: the sign of d, 0 at 0 */
export function absoluteError(tf: Tf): ExampleLoss {
  return (logits, y) => {
    const d = difference(tf, logits, y)
    return { losses: flat(tf, tf.abs(d)), gradients: tf.sign(d) }
  }
}

/** d² / 2 where |d| ≤ delta, else delta (|d| − delta / 2); gradient: d, cut to ±delta */
export function huberError(tf: Tf, delta: number): ExampleLoss {
  return (logits, y) => {
    const d = difference(tf, logits, y)
    const inside = tf.clipByValue(d, -delta, delta)
    const losses = tf.mul(inside, tf.sub(d, tf.mul(inside, 0.5))) // c(d − c/2): both branches at once
    return { losses: flat(tf, losses), gradients: inside }
  }
}

function difference(tf: Tf, logits: Tensor2D, y: Tensor1D): Tensor {
  return tf.sub(logits, tf.reshape(y, [-1, 1])) // [examples, 1]
}

function flat(tf: Tf, values: Tensor): Tensor {
  return tf.reshape(values, [-1])
}
