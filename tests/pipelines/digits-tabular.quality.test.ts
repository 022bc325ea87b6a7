// The tabular pipeline is the network that it says, and learns from a tenth of its events and epochs.
import { expect, test } from 'vitest'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { events } from '../../pipelines/digits-tabular/events.ts'
import definition from '../../pipelines/digits-tabular/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

const plan = resolvePipeline(definition)

test('it is ten, five, ten', () => {
  const { weights } = networkOf(architectureOf(plan.train.model, plan.features.length, plan.predict))
  expect(weights.map(({ shape }) => shape)).toEqual([[10, 5], [5], [5, 10], [10]])
  expect(plan.train).toMatchObject({ batch: 32, epochs: 100, optimizer: { kind: 'adam', rate: 0.001 } })
})

test('it learns', async () => {
  const short = { ...plan, train: { ...plan.train, epochs: 20 } }
  const ran = await runInMemory({ plan: short, events: events({ batch: 1, count: 2_000, seed: 7 }) })
  expect(ran.evaluation.metrics.accuracy).toBeGreaterThan(0.4) // guessing: 0.1
}, 120_000)
