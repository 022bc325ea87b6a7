// sluice's optimizers step by step on a backend, by the names of the golden cases in fixtures/conformance/optimizers.json.
import type { Tensor } from '@tensorflow/tfjs'
import { expect } from 'vitest'
import { optimizerOf } from '../../ml/optimizers/optimizer.ts'
import type { OptimizerSpec } from '../../schemas/plan.ts'
import { largestDifference } from '../ml/tolerance.ts'
import { golden, type Judged, numbersOf } from './golden.ts'

interface OptimizerGolden {
  readonly start: number[]
  readonly gradients: readonly number[][]
  /** weights: after each step */
  readonly cases: Readonly<Record<string, { readonly weights: readonly (readonly number[])[] }>>
}

/** With the settings of optimizers.py. */
const SPECS: Readonly<Record<string, OptimizerSpec>> = {
  sgd: { kind: 'sgd', rate: 0.05, momentum: 0, nesterov: false },
  momentum: { kind: 'sgd', rate: 0.05, momentum: 0.9, nesterov: false },
  nesterov: { kind: 'sgd', rate: 0.05, momentum: 0.9, nesterov: true },
  rmsprop: { kind: 'rmsprop', rate: 0.01, rho: 0.9, momentum: 0, epsilon: 1e-7 },
  adam: { kind: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  adamw: { kind: 'adamW', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.04 },
}

export const OPTIMIZERS = Object.keys(SPECS)

/** Feeds the golden gradients to the optimizer and compares the weights after every step. */
export async function expectSteps({ tf, tolerance }: Omit<Judged, 'forward'>, name: string): Promise<void> {
  const { start, gradients, cases } = golden<OptimizerGolden>('optimizers')
  const spec = SPECS[name]!
  const optimizer = optimizerOf(tf, { optimizer: spec })
  const weightSpec = { name: 'w/kernel', shape: [start.length], initial: { kind: 'constant', value: 0 } } as const
  let weight: Tensor = tf.tensor1d(start)
  let slots: readonly Tensor[] = optimizer.slots.map(() => tf.zeros([start.length]))
  for (const [i, gradient] of gradients.entries()) {
    const before = [weight, ...slots]
    const after = tf.tidy(() => {
      const stepSize = tf.scalar(optimizer.stepSize(spec.rate, i + 1))
      const given = { weight, slots, gradient: tf.tensor1d(gradient), stepSize, rate: tf.scalar(spec.rate) }
      const updated = optimizer.update({ spec: weightSpec, ...given })
      return [updated.weight, ...updated.slots]
    })
    tf.dispose(before)
    ;[weight, ...slots] = after as [Tensor, ...Tensor[]]
    const found = await numbersOf(weight.clone())
    expect(largestDifference(found, cases[name]!.weights[i]!), `after step ${i + 1}`).toBeLessThan(tolerance)
  }
  tf.dispose([weight, ...slots])
}
