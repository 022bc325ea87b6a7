// Trainings that begin with the champion, with the real trainer on a real store: the card names it, and nothing new is no work.
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTrainActivities } from '../../activities/train.ts'
import { loadConfig } from '../../core/config.ts'
import { putJson, readJson } from '../../lake/store/objects.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import type { ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan, TrainSpec } from '../../schemas/plan.ts'
import type { Outcome } from '../../schemas/run.ts'
import { runTrainer } from '../../workers/trainer/run-trainer.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { PLAN } from '../ml/flowers.ts'
import { openTrainerLake, type TrainerLake } from '../workers/trainer/trainer-lake.ts'
import { asActivity } from './twins.ts'

let lake: TrainerLake
beforeAll(async () => {
  lake = await openTrainerLake(inject('endpoints'), 200)
})
afterAll(() => lake?.store.close())

const planWith = (train: Partial<TrainSpec> = {}): Plan => {
  return { ...PLAN, train: { ...PLAN.train, epochs: 2, from: 'champion', ...train } }
}

async function train(dataset: DatasetRef, plan: Plan = planWith()): Promise<Outcome<ModelRef>> {
  const { endpoints, store } = lake
  const { trainModel } = createTrainActivities({
    store,
    backend: 'wasm',
    code: { clean: 'c', train: 't', evaluate: 'e' },
    runTrainer: (job, hooks) => runTrainer(job, { ...hooks, endpoints, config: loadConfig() }),
  })
  return (await asActivity(() => trainModel({ plan, dataset }))).result
}

const cardOf = ({ key, sha256 }: ModelRef): Promise<ModelCard> => readJson(lake.store, { key, sha256 })
const promote = ({ digest }: ModelRef) => promoteModel(lake.store, { pipeline: PLAN.name, model: digest })

/** The same rows under another digest, with which a pipeline goes on after new records. */
async function laterDataset(): Promise<DatasetRef> {
  const { store, dataset } = lake
  const manifest = await readJson<DatasetManifest>(store, dataset)
  const ref = await putJson(store, { kind: 'datasets', value: { ...manifest, recipe: 'b'.repeat(64) } })
  return { ...dataset, ...ref, digest: ref.sha256 }
}

test('a champion is trained on with new rows only', { timeout: 120_000 }, async () => {
  const first = await train(lake.dataset)
  expect(await cardOf(first.value)).not.toHaveProperty('start')
  await promote(first.value)
  expect(await train(lake.dataset)).toMatchObject({ reused: true, value: first.value })

  const later = await laterDataset()
  const second = await train(later)
  expect(await cardOf(second.value)).toMatchObject({ start: first.value.digest, dataset: later.digest })
  expect(second.value.validationLoss).toBeLessThan(first.value.validationLoss) // it did not begin anew
  expect(await train(later)).toMatchObject({ reused: true, value: second.value })
  await promote(second.value)
  expect(await train(later)).toMatchObject({ reused: true, value: second.value })
  const oftener = planWith({ checkpointEvery: 7 })
  expect(await train(later, oftener)).toMatchObject({ reused: true, value: second.value })

  const wider = planWith({ model: { kind: 'mlp', hidden: [3], activation: 'relu', dropout: 0 } })
  await expect(train(later, wider)).rejects.toMatchObject({ code: 'START_UNFIT' })
})
