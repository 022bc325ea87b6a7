// A server's model runs as a graph where that pays: the same answers and texts, said in the log, freed with the model.
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../lake/store/memory.ts'
import { type LoadedModel, loadVersion } from '../../serving/loader.ts'
import { startServing } from '../../serving/server.ts'
import type { SlotEvent } from '../../serving/slot.ts'
import { openTensorflow } from '../ml/builders.ts'
import { CHAIN, rounding } from '../ml/tolerance.ts'
import { PLAN, promoteFlowers, storeModel } from './small-model.ts'
import { promoteTextModel, TEXT_PLAN } from './small-text-model.ts'

const missing = (await openTensorflow()) === null

/** A seed whose draws all stay the same when each score is moved by 3e-4, so that no rounding moves one to another token. */
const SAMPLING = { maxTokens: 40, temperature: 1, topP: 1, repetitionPenalty: 1, seed: 6, stop: [] } as const

describe.skipIf(missing)('a loaded model', () => {
  async function load(passes?: { rows: number; forceEager?: boolean }): Promise<LoadedModel> {
    const store = memoryStore()
    const digest = await promoteTextModel(store, 1) // leaves another backend active
    const backend = (await openTensorflow())!
    const { name: pipeline, columns } = TEXT_PLAN
    return await loadVersion(store, { pipeline, columns, digest, backend, ...(passes && { passes }) })
  }
  const many = { rows: Number.POSITIVE_INFINITY }
  const text = (model: LoadedModel): string => [...model.generate({ prompt: 'a b', ...SAMPLING })].join('')

  test('answers and writes as an eager one', async () => {
    const eager = await load()
    const rows = ['a', 'abc.', 'c b a'].map((body) => eager.parse({ body }))
    const [answers, written] = [eager.predictInputs(rows), text(eager)]
    eager.dispose()
    const compiled = await load(many)
    expect([eager.engine.kind, compiled.engine.kind]).toEqual(['eager', 'compiled'])
    const found = compiled.predictInputs(rows) as { next: Record<string, number> }[]
    found.forEach(({ next }, row) => {
      for (const [token, probability] of Object.entries((answers[row] as (typeof found)[0]).next)) {
        expect(Math.abs(next[token]! - probability)).toBeLessThan(rounding(CHAIN.network))
      }
    })
    expect(text(compiled)).toBe(written)
    compiled.dispose()
  })

  test('stays eager when that is set', async () => {
    const model = await load({ ...many, forceEager: true })
    expect(model.engine).toEqual({ kind: 'eager', why: 'SLUICE_EAGER is set' })
    model.dispose()
  })

  test('is freed with its graph', async () => {
    const { tf } = (await openTensorflow())!
    ;(await load(many)).dispose()
    const before = tf.memory().numTensors
    const model = await load(many)
    text(model)
    model.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('says in the log how it computes', async () => {
    const store = memoryStore()
    await promoteTextModel(store, 1)
    await promoteFlowers(store, await storeModel({ store, seed: 1 }))
    const events: SlotEvent[] = []
    const serving = await startServing({
      store,
      plans: [TEXT_PLAN, PLAN],
      port: 0,
      pollMs: 3_600_000,
      backend: 'tensorflow',
      onEvent: (event) => events.push(event),
    })
    await serving.close()
    expect(Object.fromEntries(events.map(({ pipeline, detail }) => [pipeline, detail]))).toEqual({
      tales: expect.stringMatching(/^first model; compiled: the \w+ differ by \S+ from eager, allowed is 0.00001$/),
      flowers: 'first model; eager: a graph makes dense layers no faster',
    })
  })
})
