// Weights of another model: taken whole where they fit, refused in words where they do not.
import { expect, test } from 'vitest'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson, putObject } from '../../../lake/store/objects.ts'
import { packModel } from '../../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import { startWeights } from '../../../stages/train/start-weights.ts'
import { PLAN } from '../../ml/flowers.ts'

/** Two layers with batch norm, so that there are averages beside the weights. */
const architecture = (hidden: number, inputs = 6) =>
  architectureOf(
    { kind: 'mlp', hidden: [hidden], activation: 'relu', dropout: 0, normalize: 'batch' },
    inputs,
    PLAN.predict,
  )

/** A store that holds such a model with weights from the seed. */
async function storedModel(hidden: number, inputs?: number) {
  const store = memoryStore()
  const made = architecture(hidden, inputs)
  const network = networkOf(made)
  const trained = { weights: initialWeights(network.weights, 7), averages: initialWeights(network.averages, 7) }
  const bytes = packModel(made, PLAN.predict, trained)
  const weights = await putObject(store, { kind: 'weights', extension: 'bin', bytes })
  const { key, sha256: digest } = await putJson(store, { kind: 'models', value: { kind: 'model', weights } })
  return { store, weights, trained, start: { key, digest } }
}

test('weights and averages that fit are the start', async () => {
  const { store, start, trained } = await storedModel(4)
  const { weights, averages } = await startWeights(store, start, networkOf(architecture(4)))
  expect(averages.length).toBeGreaterThan(0)
  expect({ weights, averages }).toMatchObject(trained)
})

test('another width is refused with both shapes', async () => {
  const { store, start } = await storedModel(4)
  await expect(startWeights(store, start, networkOf(architecture(5)))).rejects.toMatchObject({
    code: 'START_UNFIT',
    facts: {
      model: start.digest.slice(0, 12),
      expected: expect.stringContaining('0/kernel 6×5'),
      found: expect.stringContaining('0/kernel 6×4'),
    },
  })
})

test('other inputs are refused with what to do', async () => {
  const { store, start } = await storedModel(4, 7)
  await expect(startWeights(store, start, networkOf(architecture(4)))).rejects.toMatchObject({
    code: 'START_UNFIT',
    message: expect.stringMatching(/which are 0\/kernel 7×4, .*; the plan needs 0\/kernel 6×4, /),
    next: expect.stringContaining('train.from'),
  })
})

test('damaged weights are no start', async () => {
  const { store, start, weights } = await storedModel(4)
  await store.delete(weights.key)
  await store.putIfAbsent(weights.key, new Uint8Array(weights.bytes))
  await expect(startWeights(store, start, networkOf(architecture(4)))).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' })
})
