// What the loader refuses: changed bytes, foreign models, golden rows that are not repeated.
import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '../../lake/store/memory.ts'
import { readJson } from '../../lake/store/objects.ts'
import { type OpenBackend, openBackend } from '../../ml/backend.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { ModelCard } from '../../schemas/model.ts'
import { loadChampion, loadVersion } from '../../serving/loader.ts'
import { COLUMNS, promoteFlowers, ROWS, storeModel } from './small-model.ts'

let backend: OpenBackend
beforeEach(async () => {
  backend = await openBackend({ prefer: 'cpu', device: 'cpu' })
})

const options = (digest: string) => ({ pipeline: 'flowers', columns: COLUMNS, backend, digest })
const cardOf = (store: ReturnType<typeof memoryStore>, digest: string) =>
  readJson<ModelCard>(store, { key: objectKey('models', digest, 'json'), sha256: digest })

describe('loader', () => {
  test('loads the champion and answers', async () => {
    const store = memoryStore()
    await promoteFlowers(store, await storeModel({ store, seed: 1 }))
    const model = await loadChampion(store, { pipeline: 'flowers', columns: COLUMNS, backend })
    const answer = model.predict({ petal: 2, soil: 'loam', id: 'ignored' })
    expect(answer).toMatchObject({ value: expect.stringMatching(/^(iris|rose|tulip)$/) })
    const { probabilities } = answer as { probabilities: Record<string, number> }
    expect(Object.values(probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
    model.dispose()
  })

  test('a batch answers as its rows do', async () => {
    const store = memoryStore()
    const model = await loadVersion(store, options(await storeModel({ store, seed: 1 })))
    const together = model.predictInputs(ROWS.map((row) => model.parse(row)))
    expect(together).toEqual(ROWS.map((row) => model.predict(row)))
    model.dispose()
  })

  test('no champion is a failure of its own', async () => {
    const loading = loadChampion(memoryStore(), { pipeline: 'flowers', columns: COLUMNS, backend })
    await expect(loading).rejects.toMatchObject({ code: 'NO_CHAMPION' })
  })

  test.each(['weights', 'transform', 'golden'] as const)('a changed byte in %s is noticed', async (part) => {
    const store = memoryStore()
    const digest = await storeModel({ store, seed: 1 })
    const { key } = (await cardOf(store, digest))[part]
    const bytes = (await store.get(key))!
    bytes[bytes.length - 2]! ^= 1
    await store.delete(key)
    await store.putIfAbsent(key, bytes)
    await expect(loadVersion(store, options(digest))).rejects.toMatchObject({ code: 'OBJECT_CORRUPT', facts: { key } })
  })

  test('a missing object is named', async () => {
    const store = memoryStore()
    const digest = await storeModel({ store, seed: 1 })
    const { key } = (await cardOf(store, digest)).weights
    await store.delete(key)
    await expect(loadVersion(store, options(digest))).rejects.toMatchObject({ code: 'OBJECT_MISSING', facts: { key } })
  })

  test('outputs that are not repeated refuse', async () => {
    const store = memoryStore()
    const digest = await storeModel({
      store,
      seed: 1,
      spoil: (golden) => ({ ...golden, outputs: golden.outputs.toReversed() }),
    })
    const before = backend.tf.memory().numTensors
    await expect(loadVersion(store, options(digest))).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    expect(backend.tf.memory().numTensors).toBe(before)
  })

  test('columns that changed since refuse', async () => {
    const store = memoryStore()
    const digest = await storeModel({ store, seed: 1 })
    const columns = COLUMNS.map((column) => (column.kind === 'number' ? { ...column, max: 5 } : column))
    await expect(loadVersion(store, { ...options(digest), columns })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })

  test('a model of another pipeline is refused', async () => {
    const store = memoryStore()
    const digest = await storeModel({ store, seed: 1 })
    const loading = loadVersion(store, { ...options(digest), pipeline: 'trees' })
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })
})
