// The diabetes pipeline from events to verdict, against scikit-learn on the same rows (fixtures/pipelines/sklearn_diabetes.py).
import { beforeAll, expect, test } from 'vitest'
import { predict } from '../../index.ts'
import { readJson } from '../../lake/store/objects.ts'
import { events } from '../../pipelines/diabetes/events.ts'
import definition from '../../pipelines/diabetes/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { GoldenRows, ModelCard } from '../../schemas/model.ts'
import sklearn from '../fixtures/pipelines/diabetes-sklearn.json' with { type: 'json' }
import { type Ran, runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

const plan = resolvePipeline(definition)
let first: Ran
let second: Ran

beforeAll(async () => {
  const batch = (number: number) => [...events({ batch: number, seed: 7 })]
  first = await runInMemory({ plan, events: batch(1) })
  second = await runInMemory({ plan, events: [...batch(1), ...batch(2)], store: first.store, champion: first.model })
}, 120_000)

test('every event is accounted for', () => {
  const { accounting } = second.dataset
  expect(accounting).toMatchObject({ clean: 442, rejected: 2, rejectedBy: { decode: 1, 'progression is known': 1 } })
  expect(accounting.split).toEqual(sklearn.rows)
})

test('it answers as well as linear regression', () => {
  const { r2, mae, rmse } = second.evaluation.metrics
  expect(Math.abs(r2! - sklearn.linearRegression.r2)).toBeLessThan(0.03)
  expect(Math.abs(mae! - sklearn.linearRegression.mae)).toBeLessThan(1.5)
  expect(Math.abs(rmse! - sklearn.linearRegression.rmse)).toBeLessThan(1.5)
})

test('it answers better than boosted trees', () => {
  expect(second.evaluation.metrics.rmse).toBeLessThan(sklearn.gradientBoosting.rmse)
})

test('it passes its gates, also against the first model', () => {
  expect(second.evaluation.champion).toBe(first.model.digest)
  expect(second.evaluation.gates.map(({ name, verdict }) => [name, verdict])).toEqual(
    second.evaluation.gates.map(({ name }) => [name, 'PASS']),
  )
})

test('the label is scaled by the training rows', async () => {
  const { label } = await readJson<Transform>(second.store, second.manifest.transform)
  expect(label!.log).toBe(false)
  expect(label!.mean).toBeGreaterThan(130)
  expect(label!.deviation).toBeGreaterThan(60)
})

test('golden answers are in the unit of the label', async () => {
  const card = await readJson<ModelCard>(second.store, { key: second.model.key, sha256: second.model.digest })
  const golden = await readJson<GoldenRows>(second.store, card.golden)
  const answers = golden.outputs.flat()
  expect(Math.min(...answers)).toBeGreaterThan(25)
  expect(Math.max(...answers)).toBeLessThan(346)
})

test('a logarithm is learnt and turned back', async () => {
  const logarithmic = resolvePipeline({ ...definition, predict: predict.number('progression', { log: true }) })
  const { evaluation, model, store } = await runInMemory({ plan: logarithmic, events: events({ batch: 1, seed: 7 }) })
  expect(evaluation.metrics.mae).toBeLessThan(sklearn.mean.mae - 5)
  const card = await readJson<ModelCard>(store, { key: model.key, sha256: model.digest })
  const { outputs, tolerance } = await readJson<GoldenRows>(store, card.golden)
  expect(Math.min(...outputs.flat())).toBeGreaterThan(25)
  expect(tolerance).toBeLessThan(0.1)
})
