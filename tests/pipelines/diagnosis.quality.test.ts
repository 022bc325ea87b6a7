// The diagnosis pipeline from events to verdict, against scikit-learn on the same rows (fixtures/pipelines/sklearn_diagnosis.py).
import { beforeAll, expect, test } from 'vitest'
import { events } from '../../pipelines/diagnosis/events.ts'
import definition from '../../pipelines/diagnosis/pipeline.ts'
import { resolvePipeline } from '../../plan/resolve/resolve.ts'
import sklearn from '../fixtures/pipelines/diagnosis-sklearn.json' with { type: 'json' }
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
  expect(accounting).toMatchObject({ clean: 569, rejected: 2, rejectedBy: { decode: 1, 'diagnosis is known': 1 } })
  expect(accounting.in).toBe(accounting.clean + accounting.rejected + accounting.duplicates)
})

test('the rows are split as in the reference', () => {
  expect(second.dataset.accounting.split).toEqual(sklearn.rows)
})

test('it answers as well as scikit-learn', () => {
  const { accuracy, auc, loss } = second.evaluation.metrics
  expect(Math.abs(accuracy! - sklearn.accuracy)).toBeLessThan(2.5 / sklearn.rows.test) // at most two rows differ
  expect(Math.abs(auc! - sklearn.auc)).toBeLessThan(0.005)
  expect(Math.abs(loss! - sklearn.loss)).toBeLessThan(0.02)
})

test('the first model passes its gates', () => {
  expect(first.evaluation.gates.map(({ name, verdict }) => [name, verdict])).toEqual(
    first.evaluation.gates.map(({ name }) => [name, 'PASS']),
  )
  expect(first.evaluation.champion).toBeNull()
})

test('the second is compared with the first', () => {
  expect(second.evaluation.champion).toBe(first.model.digest)
  expect(second.evaluation.verdict).toBe('PASS')
})
