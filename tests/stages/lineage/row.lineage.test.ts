// From a row's id to the models, and from a model to the offsets.
import { expect, test } from 'vitest'
import { openPersonalKey } from '../../../core/personal-key.ts'
import { modelLineage } from '../../../stages/lineage/model-lineage.ts'
import { rowLineage } from '../../../stages/lineage/row-lineage.ts'
import { storedId } from '../../../stages/rows/find-id.ts'
import { promoteModel } from '../../lake/promote-model.ts'
import { aPlan } from '../../workflows/builders.ts'
import { makeModel, openMaker, PLAN, runsOf, sendEvents } from '../made-model.ts'

async function madeTwice() {
  const twins = openMaker()
  await sendEvents(twins)
  await makeModel(twins)
  await sendEvents(twins, 300, 50)
  await makeModel(twins, { ...PLAN, rules: [] }, 'second')
  const runs = await runsOf(twins.store)
  const [first, second] = runs.runs.map(({ train }) => train!.output.digest)
  return { ...twins, first: first!, second: second! }
}

test('a row leads to datasets, models and their time in service', async () => {
  const { store, first, second } = await madeTwice()
  await promoteModel(store, { pipeline: PLAN.name, model: first })
  await promoteModel(store, { pipeline: PLAN.name, model: second })
  const runs = await runsOf(store)
  const { rows, datasets } = await rowLineage(store, { plan: PLAN, runs, id: 'e0' })
  expect(rows.map(({ offset, fate }) => ({ offset, fate }))).toEqual([
    { offset: 0, fate: 'kept' },
    { offset: 300, fate: 'duplicate' },
    { offset: 352, fate: 'duplicate' },
  ])
  expect(rows[0]!.segment).toMatchObject({ range: { start: 0, end: 50 } })
  expect(datasets.map((each) => each.rows.length)).toEqual([2, 3])
  expect(datasets[0]!.models).toMatchObject([{ model: first, service: [{ model: first, until: expect.any(String) }] }])
  expect(datasets[1]!.models).toMatchObject([{ model: second, service: [{ model: second, until: null }] }])
})

test('each dataset judges a row by its own rules', async () => {
  const { store } = await madeTwice()
  const id = 'e11' // sin(11) × 10 = −9.9999
  const { datasets } = await rowLineage(store, { plan: PLAN, runs: await runsOf(store), id })
  expect(datasets.map((each) => each.rows[0]!.fate)).toEqual(['quarantined', 'kept'])
  expect(datasets[0]!.rows[0]).toMatchObject({ rule: 'x is small', split: null })
})

test('a row that came later is in later datasets alone', async () => {
  const { store, second } = await madeTwice()
  const { datasets } = await rowLineage(store, { plan: PLAN, runs: await runsOf(store), id: 'e320' })
  expect(datasets.map(({ models }) => models.map(({ model }) => model))).toEqual([[second]])
})

test('an id that nobody sent is unknown', async () => {
  const { store } = await madeTwice()
  const runs = await runsOf(store)
  await expect(rowLineage(store, { plan: PLAN, runs, id: 'e999' })).rejects.toMatchObject({ code: 'ROW_UNKNOWN' })
})

test('a model leads to its offsets, which add up', async () => {
  const { store, second } = await madeTwice()
  const runs = await runsOf(store)
  const lineage = await modelLineage(store, PLAN.name, runs.runs[1]!)
  const { accounting } = lineage.dataset
  expect(lineage).toMatchObject({ model: second, topic: 'demo', snapshot: { version: 2 } })
  const [partition] = lineage.partitions
  expect(partition).toMatchObject({ start: 0, end: 354, rejects: 2, holes: 0 })
  expect(partition!.rows + partition!.rejects).toBe(accounting.in)
  expect(lineage.segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(partition!.rows)
  // the snapshot of then, not the newest
  expect((await modelLineage(store, PLAN.name, runs.runs[0]!)).snapshot).toMatchObject({ version: 1 })
})

test('an id of personal data is found by its hash', () => {
  const plan = aPlan({ columns: [{ name: 'id', kind: 'id', personal: 'hash' }] })
  const key = openPersonalKey('a key of this test that is long enough')
  const hash = key.hash(Buffer.from('ann')).toString('hex')
  expect(storedId(plan, 'ann', key)).toBe(hash)
  expect(storedId(plan, hash, undefined)).toBe(hash)
  expect(() => storedId(plan, 'ann', undefined)).toThrow(expect.objectContaining({ code: 'PERSONAL_KEY_MISSING' }))
  expect(storedId(PLAN, 'ann', key)).toBe('ann')
})
