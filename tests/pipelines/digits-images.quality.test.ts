// The convolutional pipeline on a fiftieth of its events: every one is clean, and it learns to read.
import { expect, test } from 'vitest'
import { events } from '../../pipelines/digits-images/events.ts'
import definition from '../../pipelines/digits-images/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

const plan = resolvePipeline(definition)

test('it learns from few images', async () => {
  // no batch norm: its averages need more than 140 steps
  const model = { ...plan.train.model, filters: [8, 16], dense: [], batchNorm: false }
  const small = { ...plan, train: { ...plan.train, model, batch: 32, epochs: 4 } }
  const ran = await runInMemory({ plan: small, events: events({ batch: 1, count: 1_200, seed: 7 }) })
  expect(ran.dataset.accounting).toMatchObject({ in: 1_200, clean: 1_200 })
  expect(ran.evaluation.metrics.accuracy).toBeGreaterThan(0.8)
}, 120_000)

test('all images are one batch', () => {
  expect(() => [...events({ batch: 2, count: 1, seed: 1 })]).toThrow('expected 1')
})
