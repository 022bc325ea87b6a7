// Stage records: found by their inputs, and a miss says which input differs.
import { describe, expect, it } from 'vitest'
import { digestOf, sha256 } from '../../core/digest.ts'
import { recallStage, rememberStage } from '../../lake/memo.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import { objectKey, stageKey } from '../../schemas/ids.ts'

const STAGE = { pipeline: 'digits', stage: 'clean' }
const INPUTS = { code: sha256('code 1'), snapshot: sha256('snapshot 1'), seed: '7' }

describe('a stage', () => {
  it('runs the first time', async () => {
    const recalled = await recallStage(memoryStore(), { ...STAGE, inputs: INPUTS })
    expect(recalled).toEqual({ hit: null, why: 'first run', digest: digestOf(INPUTS) })
  })
  it('is recalled with equal inputs, whatever their order', async () => {
    const store = memoryStore()
    await rememberStage(store, { ...STAGE, inputs: INPUTS, output: { rows: 3 } })
    const { seed, ...others } = INPUTS
    expect(await recallStage(store, { ...STAGE, inputs: { seed, ...others } })).toEqual({
      hit: { rows: 3 },
      why: 'inputs unchanged: code, seed, snapshot',
    })
  })
  it('is not recalled for another stage or pipeline', async () => {
    const store = memoryStore()
    await rememberStage(store, { ...STAGE, inputs: INPUTS, output: 1 })
    for (const other of [
      { ...STAGE, stage: 'clea' },
      { ...STAGE, pipeline: 'digit' },
    ]) {
      expect(await recallStage(store, { ...other, inputs: INPUTS })).toMatchObject({ hit: null, why: 'first run' })
    }
  })
  it('keeps its first record', async () => {
    const store = memoryStore()
    for (const output of ['first', 'second']) await rememberStage(store, { ...STAGE, inputs: INPUTS, output })
    expect(await recallStage(store, { ...STAGE, inputs: INPUTS })).toMatchObject({ hit: 'first' })
  })
  it('names the input that changed', async () => {
    const store = memoryStore()
    await rememberStage(store, { ...STAGE, inputs: INPUTS, output: 1 })
    const snapshot = sha256('snapshot 2')
    const { why } = await recallStage(store, { ...STAGE, inputs: { ...INPUTS, snapshot } })
    expect(why).toBe(`snapshot changed: ${INPUTS.snapshot.slice(0, 12)} → ${snapshot.slice(0, 12)}`)
  })
  it('is refused when its record was changed', async () => {
    const store = memoryStore()
    await rememberStage(store, { ...STAGE, inputs: INPUTS, output: { rows: 3 } })
    const key = stageKey(STAGE.pipeline, STAGE.stage, digestOf(INPUTS))
    const forged = Buffer.from((await store.get(key))!)
      .toString()
      .replace('"rows":3', '"rows":4')
    await store.delete(key)
    await store.putIfAbsent(key, Buffer.from(forged))
    await expect(recallStage(store, { ...STAGE, inputs: INPUTS })).rejects.toMatchObject({
      code: 'OBJECT_CORRUPT',
      facts: { key },
    })
  })
})

describe('a miss', () => {
  /** → why `inputs` miss, after a stage ran with each of `earlier` */
  const whyMissed = async (inputs: Record<string, string>, earlier: readonly Record<string, string>[]) => {
    const store = memoryStore()
    for (const before of earlier) await rememberStage(store, { ...STAGE, inputs: before, output: 1 })
    return (await recallStage(store, { ...STAGE, inputs })).why
  }
  it('is explained by the nearest record', async () => {
    const far = { code: 'c0', snapshot: 's0', seed: '1' }
    const near = { code: 'c1', snapshot: 's0', seed: '7' }
    const farther = { code: 'c2', snapshot: 's2', seed: '3' }
    const why = await whyMissed({ code: 'c1', snapshot: 's1', seed: '7' }, [far, near, farther])
    expect(why).toBe('snapshot changed: s0 → s1')
  })
  it('tells every difference', async () => {
    const why = await whyMissed({ code: 'c1', split: '0.8' }, [{ code: 'c0', seed: '7' }])
    expect(why).toBe('code changed: c0 → c1; seed is gone; split is new')
  })
})

describe('a recipe', () => {
  const settings = (rate: number) => ({ train: { optimizer: { rate }, epochs: 3 } })
  const stage = (rate: number, more: Record<string, string> = {}) => {
    const recipe = settings(rate)
    return { ...STAGE, inputs: { code: 'c', recipe: digestOf(recipe), ...more }, recipe }
  }
  it('tells the word that changed', async () => {
    const store = memoryStore()
    await rememberStage(store, { ...stage(0.001), output: 1 })
    const { why } = await recallStage(store, stage(0.002))
    expect(why).toBe('recipe changed: train.optimizer.rate 0.001 → 0.002')
  })
  it('is compared with the newest of those that are as near', async () => {
    const store = memoryStore()
    for (const [day, rate] of [0.5, 0.001, 0.3].entries())
      await rememberStage(store, { ...stage(rate), output: 1, at: `2026-11-${day === 1 ? 30 : 10 + day}T00:00:00Z` })
    const { why } = await recallStage(store, stage(0.002))
    expect(why).toBe('recipe changed: train.optimizer.rate 0.001 → 0.002')
  })
  it('stands beside other reasons', async () => {
    const store = memoryStore()
    await rememberStage(store, { ...stage(0.001, { dataset: 'd0' }), output: 1 })
    const { why } = await recallStage(store, stage(0.002, { dataset: 'd1' }))
    expect(why).toBe('dataset changed: d0 → d1; recipe changed: train.optimizer.rate 0.001 → 0.002')
  })
  it.each<[string, (store: Store, key: string) => Promise<unknown>]>([
    ['was never kept', (store, key) => store.delete(key)],
    ['is damaged', async (store, key) => [await store.delete(key), await store.putIfAbsent(key, Buffer.from('{}'))]],
  ])('that %s is told by its digest', async (_what, spoil) => {
    const store = memoryStore()
    const before = stage(0.001)
    await rememberStage(store, { ...before, output: 1 })
    await spoil(store, objectKey('recipes', before.inputs.recipe, 'json'))
    const now = stage(0.002)
    const [old, current] = [before, now].map(({ inputs }) => inputs.recipe.slice(0, 12))
    expect((await recallStage(store, now)).why).toBe(`recipe changed: ${old} → ${current}`)
  })
})
