// Stochastic gradient descent, with momentum and Nesterov's look ahead.
import type { SgdSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import type { Optimizer } from './optimizer.ts'

/**
 * v = momentum · v − rate · g; w += v, or with Nesterov w += momentum · v − rate · g
 * (Sutskever et al. 2013, in the form of Keras). Without momentum: w −= rate · g, and no slot.
 */
export function sgd(tf: Tf, { momentum, nesterov }: SgdSpec): Optimizer {
  return {
    slots: momentum === 0 ? [] : ['velocity'],
    stepSize: (rate) => rate,
    update({ weight, gradient, slots: [velocity], rate }) {
      const step = tf.mul(gradient, rate)
      if (velocity === undefined) return { weight: tf.sub(weight, step), slots: [] }
      const next = tf.sub(tf.mul(velocity, momentum), step)
      return { weight: tf.add(weight, nesterov ? tf.sub(tf.mul(next, momentum), step) : next), slots: [next] }
    },
  }
}
