// Adam with its whole state in the open, so that a resumed run continues with the same bits.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { OptimizerSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'

/** First and second moments, one tensor per weight. */
export interface Moments {
  readonly first: readonly Tensor[]
  readonly second: readonly Tensor[]
}

/** The constants of an optimizer as tensors, made once per run. */
export interface AdamConstants {
  /** 1 − beta1 */
  readonly firstShare: Scalar
  /** 1 − beta2 */
  readonly secondShare: Scalar
  readonly epsilon: Scalar
}

export function adamConstants(tf: Tf, { beta1, beta2, epsilon }: OptimizerSpec): AdamConstants {
  return { firstShare: tf.scalar(1 - beta1), secondShare: tf.scalar(1 - beta2), epsilon: tf.scalar(epsilon) }
}

/** Step size of step `step` (1 for the first): rate × √(1 − beta2^step) / (1 − beta1^step). */
export function adamRate({ rate, beta1, beta2 }: OptimizerSpec, step: number): number {
  return (rate * Math.sqrt(1 - power(beta2, step))) / (1 - power(beta1, step))
}

/**
 * One update of one weight: Kingma & Ba 2015, end of section 2 (the order with epsilon outside the corrected root, as in Keras):
 * m += (g − m)(1 − β1); v += (g² − v)(1 − β2); w −= rate · m / (√v + ε).
 */
export function adamUpdate(
  tf: Tf,
  { firstShare, secondShare, epsilon }: AdamConstants,
  { weight, gradient, m, v, rate }: { weight: Tensor; gradient: Tensor; m: Tensor; v: Tensor; rate: Scalar },
): { weight: Tensor; m: Tensor; v: Tensor } {
  const first = tf.add(m, tf.mul(tf.sub(gradient, m), firstShare))
  const second = tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), secondShare))
  const change = tf.div(tf.mul(first, rate), tf.add(tf.sqrt(second), epsilon))
  return { weight: tf.sub(weight, change), m: first, v: second }
}

/** base^exponent by squaring: multiplications only, so the same bits in every engine (Math.pow is free to differ). */
function power(base: number, exponent: number): number {
  let result = 1
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square
  }
  return result
}
