// RMSprop: each value's step is divided by the root of its recent mean square.
import type { RmspropSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import type { Optimizer } from './optimizer.ts'

/**
 * s += (g² − s)(1 − ρ); step = rate · g / √(s + ε); with momentum m = momentum · m + step takes the step's place
 * (Tieleman & Hinton 2012, lecture 6.5, with epsilon under the root as in Keras 3).
 */
export function rmsprop(tf: Tf, { rho, momentum, epsilon }: RmspropSpec): Optimizer {
  return {
    slots: momentum === 0 ? ['square'] : ['square', 'velocity'],
    stepSize: (rate) => rate,
    update({ weight, gradient, slots: [square, velocity], rate }) {
      const next = tf.add(square!, tf.mul(tf.sub(tf.square(gradient), square!), 1 - rho))
      const step = tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(next, epsilon)))
      if (velocity === undefined) return { weight: tf.sub(weight, step), slots: [next] }
      const moved = tf.add(tf.mul(velocity, momentum), step)
      return { weight: tf.sub(weight, moved), slots: [next, moved] }
    },
  }
}
