// Adam with its whole state in the open, so that a resumed run continues with the same bits.
import type { AdamSpec } from '../../schemas/plan.ts'
import type { Tf } from '../backend.ts'
import type { Optimizer } from './optimizer.ts'

/**
 * Kingma & Ba 2015, end of section 2 (the order with epsilon outside the corrected root, as in Keras):
 * m += (g − m)(1 − β1); v += (g² − v)(1 − β2); w −= rate · √(1 − β2^step) / (1 − β1^step) · m / (√v + ε).
 */
export function adam(tf: Tf, { beta1, beta2, epsilon }: AdamSpec): Optimizer {
  return {
    slots: ['first', 'second'],
    stepSize: (rate, step) => (rate * Math.sqrt(1 - power(beta2, step))) / (1 - power(beta1, step)),
    update({ weight, gradient, slots: [m, v], stepSize }) {
      const first = tf.add(m!, tf.mul(tf.sub(gradient, m!), 1 - beta1))
      const second = tf.add(v!, tf.mul(tf.sub(tf.square(gradient), v!), 1 - beta2))
      const change = tf.div(tf.mul(first, stepSize), tf.add(tf.sqrt(second), epsilon))
      return { weight: tf.sub(weight, change), slots: [first, second] }
    },
  }
}

/** base^exponent by squaring: multiplications only, so the same bits in every engine (Math.pow is free to differ). */
export function power(base: number, exponent: number): number {
  let result = 1
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square
  }
  return result
}
