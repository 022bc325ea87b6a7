// Which model a training begins with, by what is live and how it was made.
import { expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { weightSettings } from '../../../core/weight-settings.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import { putJson } from '../../../lake/store/objects.ts'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { startModel } from '../../../stages/train/start-model.ts'
import { asActivity, openTwins } from '../../activities/twins.ts'
import { promoteModel } from '../../lake/promote-model.ts'
import { aDataset, aModel, aPlan } from '../../workflows/builders.ts'

const cold = aPlan()
const plan = aPlan({ train: { ...cold.train, from: 'champion' } })
const code = 'train-1'
const dataset = 'd'.repeat(64)
const older = 'e'.repeat(64)
const same = { dataset, recipe: digestOf(weightSettings(plan.train)), code, start: older }

/** A store in which a model with this card is live. */
async function live(card: Readonly<Record<string, string>>) {
  const store = memoryStore()
  const { sha256: champion } = await putJson(store, { kind: 'models', value: { kind: 'model', ...card } })
  await promoteModel(store, { pipeline: plan.name, model: champion })
  const start = (train: Partial<TrainSpec> = {}) =>
    startModel(store, { plan: { ...plan, train: { ...plan.train, ...train } }, dataset, code })
  return { store, champion, start }
}

test('without a champion training begins anew', async () => {
  expect(await startModel(memoryStore(), { plan, dataset, code })).toBeNull()
})

test('a plan that does not ask never looks', async () => {
  const { store } = await live({ ...same, dataset: 'other' })
  expect(await startModel(store, { plan: cold, dataset, code })).toBeNull()
})

test.for(['dataset', 'recipe', 'code'])('a champion of another %s is the start', async (name) => {
  const { champion, start } = await live({ ...same, [name]: 'other' })
  expect(await start()).toBe(champion)
})

test('a champion of these inputs names its own start', async () => {
  expect(await (await live(same)).start()).toBe(older)
  const { start: _, ...fromSeed } = same
  expect(await (await live(fromSeed)).start()).toBeNull()
})

test('how often a checkpoint is kept makes no other recipe', async () => {
  const { champion, start } = await live(same)
  expect(await start({ checkpointEvery: plan.train.checkpointEvery + 1 })).toBe(older)
  expect(await start({ seed: plan.train.seed + 1 })).toBe(champion)
})

test.for([
  ['as it is', undefined, false, false],
  ['on this scale', { log: false }, false, true],
  ['without its logarithm', { log: false }, true, false],
  ['with a logarithm', { log: true }, false, false],
  ['with the logarithm that is asked for', { log: true }, true, true],
] as const)('a champion that learnt a number %s', async ([, label, log, fits]) => {
  const store = memoryStore()
  const transform = await putJson(store, { kind: 'transforms', value: { kind: 'transform', ...(label && { label }) } })
  const { sha256: champion } = await putJson(store, {
    kind: 'models',
    value: { kind: 'model', ...same, code: 'other', transform },
  })
  await promoteModel(store, { pipeline: plan.name, model: champion })
  const predict = { task: 'number', column: 'price', ...(log && { log }) } as const
  expect(await startModel(store, { plan: { ...plan, predict }, dataset, code })).toBe(fits ? champion : null)
})

test('a damaged card is refused', async () => {
  const { store, champion, start } = await live(same)
  const key = `models/${champion.slice(0, 2)}/${champion}.json`
  await store.delete(key)
  await store.putIfAbsent(key, new TextEncoder().encode('{"kind":"model"}'))
  await expect(start()).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' })
})

test('the start travels in heartbeats', async () => {
  const { store, champion } = await live({ ...same, dataset: 'other' })
  const { activities } = openTwins({
    store,
    async runTrainer(_job, { onLine }) {
      onLine({ type: 'epoch', epoch: 1, trainLoss: 1, validationLoss: 1, best: true })
      return { type: 'trained', model: aModel() }
    },
  })
  const { beats } = await asActivity(() => activities.trainModel({ plan, dataset: aDataset() }))
  expect(beats).toMatchObject([{ start: champion }])
})

test('a retry keeps the start of the first attempt', async () => {
  const { store, champion } = await live({ ...same, dataset: 'other' })
  const starts: unknown[] = []
  const twins = openTwins({
    store,
    runTrainer: async (job) => {
      starts.push(job.job === 'train' && job.start?.digest)
      return { type: 'trained', model: aModel() }
    },
  })
  const train = (details?: unknown) =>
    asActivity(() => twins.activities.trainModel({ plan, dataset: aDataset() }), details)
  await train({ start: older })
  await train({ start: null })
  await train()
  expect(starts).toEqual([older, undefined, champion])
})
