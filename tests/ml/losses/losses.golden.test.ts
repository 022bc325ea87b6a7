// Smoothed, focal and weighted losses and their gradients equal those of Keras.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { lossOf } from '../../../ml/losses/loss.ts'
import type { LossSpec, PredictSpec } from '../../../schemas/plan.ts'
import { golden } from '../golden.ts'

interface Case {
  readonly name: string
  readonly spec: LossSpec
  readonly task: PredictSpec['task']
  readonly logits: number[][]
  readonly y: number[]
  readonly weights: number[] | null
  readonly loss: number
  readonly gradient: number[][]
}

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
const { cases } = golden<{ cases: Case[] }>('losses')

function predictOf(task: Case['task']): PredictSpec {
  return task === 'category'
    ? { task, column: 'y', classes: ['a', 'b', 'c', 'd'] }
    : ({ task, column: 'y' } as PredictSpec)
}

describe('a loss', () => {
  it.each(cases)('with $name is that of Keras', ({ spec, task, logits, y, weights, loss, gradient }) => {
    const ofLogits = lossOf(tf, { predict: predictOf(task), loss: spec })
    const counted = weights === null ? undefined : (tf.tensor1d(weights) as Tensor1D)
    const { value, grad } = tf.valueAndGrad((z) => ofLogits(z as Tensor2D, tf.tensor1d(y), counted))(
      tf.tensor2d(logits),
    )
    expect(value.dataSync()[0]).toBeCloseTo(loss, 5)
    const found = grad.dataSync()
    gradient.flat().forEach((expected, i) => {
      expect(Math.abs(found[i]! - expected)).toBeLessThan(2e-6)
    })
  })
  it('balances classes as scikit-learn does', () => {
    const lossWith = (classWeights: 'balanced' | number[], labels?: Float32Array) =>
      lossOf(tf, { predict: predictOf('probability'), loss: { kind: 'crossEntropy', classWeights }, labels })(
        tf.tensor2d([-1, 0.5], [2, 1]),
        tf.tensor1d([0, 1]),
      ).dataSync()[0]
    expect(lossWith('balanced', Float32Array.of(0, 0, 0, 1))).toBe(lossWith([4 / 6, 2]))
    expect(lossWith('balanced', Float32Array.of(1))).toBe(lossWith([1, 0.5])) // a class without rows weighs 1
  })
})
