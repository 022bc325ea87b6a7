// Adam and AdamW with their whole state in the open, so that a resumed run continues with the same bits.
import type { AdamSpec, AdamWSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import type { Optimizer } from './optimizer.ts'

/**
 * Kingma & Ba 2015, end of section 2 (the order with epsilon outside the corrected root, as in Keras):
 * m += (g − m)(1 − β1); v += (g² − v)(1 − β2); w −= rate · √(1 − β2^step) / (1 − β1^step) · m / (√v + ε).
 * AdamW takes rate · weightDecay · w off the weight first (Loshchilov & Hutter 2019, algorithm 2).
 */
export function adam(tf: Tf, spec: AdamSpec | AdamWSpec): Optimizer {
  const { beta1, beta2, epsilon } = spec
  const weightDecay = spec.kind === 'adamW' ? spec.weightDecay : 0
  return {
    slots: ['first', 'second'],
    stepSize: (rate, step) => (rate * Math.sqrt(1 - power(beta2, step))) / (1 - power(beta1, step)),
    update({ spec: { decays = true }, weight, gradient, slots: [m, v], stepSize, rate }) {
      const first = tf.add(m!, tf.mul(tf.sub(gradient, m!), 1 - beta1))
      const second = tf.add(v!, tf.mul(tf.sub(tf.square(gradient), v!), 1 - beta2))
      const change = tf.div(tf.mul(first, stepSize), tf.add(tf.sqrt(second), epsilon))
      const kept = decays && weightDecay > 0 ? tf.sub(weight, tf.mul(weight, tf.mul(rate, weightDecay))) : weight
      return { weight: tf.sub(kept, change), slots: [first, second] }
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
