// An exponential moving average of the weights beside any optimizer: smoother than the weights, and what is judged and kept in the end.
import type { Tf } from '../tf.ts'
import type { Optimizer } from './optimizer.ts'

/** average += (w − average)(1 − decay) after each update, from the first weights on (Polyak & Juditsky 1992, in the form of Keras). */
export function withAverage(tf: Tf, optimizer: Optimizer, decay: number): Optimizer {
  const { slots, stepSize, update } = optimizer
  return {
    slots: [...slots, 'average'],
    fromWeights: ['average'],
    kept: 'average',
    stepSize,
    update(of) {
      const after = update({ ...of, slots: of.slots.slice(0, -1) })
      const average = of.slots.at(-1)!
      const next = tf.add(average, tf.mul(tf.sub(after.weight, average), 1 - decay))
      return { weight: after.weight, slots: [...after.slots, next] }
    },
  }
}
