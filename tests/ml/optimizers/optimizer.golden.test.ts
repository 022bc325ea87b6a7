// Adam, the losses and a whole training follow Keras, step by step.
import type { Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { lossOf } from '../../../ml/losses/loss.ts'
import type { WeightSpec } from '../../../ml/network.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { noiseKeys } from '../../../ml/operations/noise.ts'
import { optimizerOf, type Updated } from '../../../ml/optimizers/optimizer.ts'
import { createStep, type ModelState } from '../../../ml/training/engine/step.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { THREE_CLASSES } from '../builders.ts'
import { distance, golden } from '../golden.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })

describe('Adam', () => {
  it('takes the steps of Keras', () => {
    const { settings, start, gradients, weights } = golden<{
      settings: { rate: number; beta1: number; beta2: number; epsilon: number }
      start: number[]
      gradients: number[][]
      weights: number[][]
    }>('adam')
    const adam = optimizerOf(tf, { optimizer: { kind: 'adam', ...settings } })
    const spec: WeightSpec = { name: 'w', shape: [start.length], initial: { kind: 'constant', value: 0 } }
    let state: Updated = { weight: tf.tensor1d(start), slots: adam.slots.map(() => tf.zeros([start.length])) }
    gradients.forEach((gradient, i) => {
      const hyper = { rate: tf.scalar(settings.rate), stepSize: tf.scalar(adam.stepSize(settings.rate, i + 1)) }
      state = adam.update({ ...state, spec, gradient: tf.tensor1d(gradient), ...hyper })
      expect(distance(state.weight.dataSync(), weights[i]!)).toBeLessThan(1e-6)
    })
  })
})

describe('the losses', () => {
  const { cases } = golden<{
    cases: {
      task: 'category' | 'probability' | 'number'
      logits: number[][]
      y: number[]
      loss: number
      gradient: number[][]
    }[]
  }>('loss')
  it.each(cases)('equal Keras for $task', ({ task, logits, y, loss, gradient }) => {
    const predict: PredictSpec =
      task === 'category' ? { task, column: 'y', classes: ['a', 'b', 'c', 'd'] } : { task, column: 'y' }
    const lossOfLogits = tf.valueAndGrad((z) => lossOf(tf, { predict })(z as Tensor2D, tf.tensor1d(y)))
    const { value, grad } = lossOfLogits(tf.tensor2d(logits))
    expect(distance(value.dataSync(), [loss])).toBeLessThan(1e-6)
    expect(distance(grad.dataSync(), gradient.flat())).toBeLessThan(1e-6)
  })
})

describe('the step', () => {
  it('follows Keras through 40 steps', () => {
    const { inputs, labels, losses, start, end } = golden<{
      inputs: number[][]
      labels: number[]
      losses: number[]
      start: (number[] | number[][])[]
      end: (number[] | number[][])[]
    }>('training')
    const model = { kind: 'mlp', hidden: [7, 6], activation: 'tanh', dropout: 0 } as const
    const optimizer = { kind: 'adam', rate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const
    const network = networkOf(architectureOf(model, 5, THREE_CLASSES))
    const adam = optimizerOf(tf, { optimizer })
    const step = createStep(tf, { network, loss: lossOf(tf, { predict: THREE_CLASSES }), optimizer: adam })
    const weights = start.map((values) => tf.tensor(values))
    const slots = weights.map(({ shape }) => [tf.zeros(shape), tf.zeros(shape)])
    let state: ModelState = { weights, averages: [], slots }
    const batch = {
      x: tf.tensor2d(inputs),
      y: tf.tensor1d(labels),
      key: tf.tensor1d(noiseKeys(1, { step: 0, steps: 1 })),
    }
    const rate = tf.scalar(optimizer.rate)
    for (let i = 0; i < 40; i++) {
      const after = step(state, batch, { rate, stepSize: tf.scalar(adam.stepSize(optimizer.rate, i + 1)) })
      expect(Math.abs(after.loss.dataSync()[0]! - losses[i]!)).toBeLessThan(1e-5)
      state = after.state
    }
    state.weights.forEach((weight, i) => {
      expect(distance(weight.dataSync(), end[i]!.flat())).toBeLessThan(1e-4)
    })
  })
})
