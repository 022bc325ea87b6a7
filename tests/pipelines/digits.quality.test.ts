// The digits pipeline on a tenth of its events: the broken ones are counted where they belong, and it learns.
import { beforeAll, expect, test } from 'vitest'
import { events } from '../../pipelines/digits/events.ts'
import definition from '../../pipelines/digits/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import { type Ran, runInMemory } from '../fixtures/pipelines/run-in-memory.ts'

const plan = resolvePipeline(definition)
const small = { ...plan, train: { ...plan.train, model: { ...plan.train.model, hidden: [64] }, epochs: 6 } }
let ran: Ran

beforeAll(async () => {
  ran = await runInMemory({ plan: small, events: events({ batch: 1, count: 2_400, seed: 7 }) })
}, 120_000)

test('every message is accounted for', () => {
  const { accounting } = ran.dataset
  expect(accounting).toMatchObject({
    clean: 2_401, // and the one without a time, which only warns
    rejectedBy: { decode: 5, 'label is known': 1, 'image is there': 1 },
    failures: { 'time is known': 1 },
  })
  expect(accounting.duplicates).toBeGreaterThan(5)
  expect(accounting.in).toBe(2_401 + 7 + accounting.duplicates)
  expect(ran.manifest.quarantine.map(({ rows }) => rows)).toEqual([1])
})

test('it learns to read', () => {
  expect(ran.evaluation.metrics.accuracy).toBeGreaterThan(0.8)
})
