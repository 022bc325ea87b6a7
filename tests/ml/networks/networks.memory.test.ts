// A pass through any kind of network gives back all its memory, in training and in predicting.
import { expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { lossOf } from '../../../ml/losses/loss.ts'
import { networkOf } from '../../../ml/networks/open.ts'
import { noiseKeys } from '../../../ml/operations/noise.ts'
import { evaluatedLoss, gradientsOf } from '../../../ml/training/engine/step.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { THREE_CLASSES } from '../builders.ts'
import { architectureFor, NETWORKS, rowsFor } from './network-cases.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })

it.each(NETWORKS)('%s keeps no tensor', (_, spec) => {
  const architecture = architectureFor(spec)
  const network = networkOf(architecture)
  const isNext = network.targets !== undefined
  const predict: PredictSpec = isNext ? { task: 'next', column: 'body' } : THREE_CLASSES
  const parts = { network, loss: lossOf(tf, { predict }) }
  const upload = (specs: typeof network.weights) =>
    initialWeights(specs, 3).map(({ values, shape }) => tf.tensor(values, [...shape]))
  const state = { weights: upload(network.weights), averages: upload(network.averages) }
  const x = tf.tensor2d(rowsFor(architecture, 2, 5))
  const [y, key] = [tf.tensor1d([0, 2]), tf.tensor1d(noiseKeys(1, { step: 1, steps: 1 }))]
  const before = tf.memory().numTensors
  const { loss, gradients, averages } = gradientsOf(tf, parts, state, { x, y, key })
  tf.dispose([loss, ...gradients, ...averages])
  evaluatedLoss(tf, parts, { ...state, x, y }).dispose()
  expect(tf.memory().numTensors).toBe(before)
})
