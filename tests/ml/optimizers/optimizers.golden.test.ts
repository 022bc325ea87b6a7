// Every optimizer, clipped or not, and every schedule follow Keras step by step.
import { readFileSync } from 'node:fs'
import type { Tensor } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import type { WeightSpec } from '../../../ml/network.ts'
import { clipGradients } from '../../../ml/optimizers/clip.ts'
import { optimizerOf } from '../../../ml/optimizers/optimizer.ts'
import { scheduledRate } from '../../../ml/optimizers/rate.ts'
import type { OptimizerSpec } from '../../../schemas/plan.ts'

interface Golden {
  readonly starts: number[][]
  readonly shapes: number[][]
  readonly gradients: number[][][]
  readonly cases: { readonly spec: OptimizerSpec; readonly weights: number[][][] }[]
  readonly cosine: number[]
  readonly staircase: number[]
  readonly plateau: { readonly losses: number[]; readonly rates: number[] }
}

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
const golden = JSON.parse(readFileSync(new URL('../../fixtures/ml/optimizers.json', import.meta.url), 'utf8')) as Golden
const specOf = (v: number): WeightSpec => ({
  name: `${v}/kernel`,
  shape: golden.shapes[v]!,
  initial: { kind: 'constant', value: 0 },
})

describe('an optimizer', () => {
  it.each(golden.cases.map(({ spec, weights }) => [JSON.stringify(spec), spec, weights] as const))(
    '%s is that of Keras',
    (_, spec, weights) => {
      const optimizer = optimizerOf(tf, { optimizer: spec })
      let state = golden.starts.map((start, v) => ({
        weight: tf.tensor(start, golden.shapes[v]!) as Tensor,
        slots: optimizer.slots.map(() => tf.zeros(golden.shapes[v]!)) as readonly Tensor[],
      }))
      golden.gradients.forEach((step, i) => {
        const gradients = clipGradients(
          tf,
          spec,
          step.map((values, v) => tf.tensor(values, golden.shapes[v]!)),
        )
        const hyper = { rate: tf.scalar(spec.rate), stepSize: tf.scalar(optimizer.stepSize(spec.rate, i + 1)) }
        state = state.map((of, v) => optimizer.update({ ...of, spec: specOf(v), gradient: gradients[v]!, ...hyper }))
        state.forEach(({ weight }, v) => {
          const expected = weights[i]![v]!
          const found = weight.dataSync()
          expected.forEach((value, k) => {
            expect(Math.abs(found[k]! - value) / Math.max(1, Math.abs(value))).toBeLessThan(2e-6)
          })
        })
      })
    },
  )

  it('decays no bias', () => {
    const optimizer = optimizerOf(tf, {
      optimizer: { kind: 'adamW', rate: 1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.5 },
    })
    const zero = tf.zeros([1])
    const updated = (decays: boolean) =>
      optimizer
        .update({
          spec: { name: 'w', shape: [1], initial: { kind: 'constant', value: 0 }, decays },
          weight: tf.tensor1d([2]),
          gradient: zero,
          slots: [zero, zero],
          rate: tf.scalar(0.1),
          stepSize: tf.scalar(0.1),
        })
        .weight.dataSync()[0]!
    expect(updated(false)).toBe(2)
    expect(updated(true)).toBeCloseTo(2 - 2 * 0.1 * 0.5, 6)
  })
})

describe('a learning rate', () => {
  const at = (step: number, totalSteps = 40, validationLosses: number[] = []) => ({
    step,
    totalSteps,
    validationLosses,
  })
  it('falls along a cosine as in Keras', () => {
    const decay = { kind: 'cosine', to: 0.1 * 0.05 } as const
    golden.cosine.forEach((expected, step) => {
      expect(scheduledRate({ rate: 0.1, decay }, at(step))).toBeCloseTo(expected, 6)
    })
  })
  it('falls in steps as in Keras', () => {
    const decay = { kind: 'step', steps: 7, factor: 0.5 } as const
    golden.staircase.forEach((expected, step) => {
      expect(scheduledRate({ rate: 0.1, decay }, at(step))).toBeCloseTo(expected, 7)
    })
  })
  it('falls on plateaus as in Keras', () => {
    const decay = { kind: 'plateau', patience: 2, factor: 0.5 } as const
    golden.plateau.rates.forEach((expected, epoch) => {
      const losses = golden.plateau.losses.slice(0, epoch + 1)
      expect(scheduledRate({ rate: 0.1, decay }, at(0, 40, losses))).toBeCloseTo(expected, 6)
    })
  })
  it('rises to its value while warming up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 600 }), (warmup, step) => {
        const found = scheduledRate({ rate: 0.3, warmup }, at(step))
        expect(found).toBeCloseTo(step < warmup ? (0.3 * (step + 1)) / warmup : 0.3, 12)
      }),
    )
  })
  it('begins to fall after the warm-up', () => {
    const spec = { rate: 0.1, warmup: 10, decay: { kind: 'cosine', to: 0.005 } } as const
    golden.cosine.forEach((expected, step) => {
      expect(scheduledRate(spec, at(step + 10, 50))).toBeCloseTo(expected, 6)
    })
  })
})
