// A pipeline's data is deleted beside another one's of the same source: what is shared stays, and a kill may come anywhere.
import { expect, test } from 'vitest'
import { readLedger } from '../../lake/ledger.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { ListingStore } from '../../lake/store/store.ts'
import { deletePipelineData, findPipelineData } from '../../lake/upkeep/pipeline-data.ts'
import { verifyLake } from '../../lake/upkeep/verify.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { Plan } from '../../schemas/plan.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { retire } from '../../stages/promote/retire.ts'
import { chooseTarget } from '../../stages/promote/rollback-target.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { makeModel, openMaker, PLAN, sendEvents } from '../stages/made-model.ts'
import { aPlan } from '../workflows/builders.ts'

const sourceId = sourceOf(PLAN, '').id
const OTHER = aPlan({ name: 'other', rules: PLAN.rules })

/** Two pipelines of one source with the same rows: their datasets share parts. */
async function twoPipelines() {
  const store = memoryStore()
  const twins = openMaker({ store })
  await sendEvents(twins)
  await makeModel(twins, PLAN)
  await makeModel(twins, OTHER)
  await promote(store, PLAN)
  await promote(store, OTHER)
  return store
}

/** The model that was made, as evaluated. */
async function promote(store: ListingStore, { name }: Plan): Promise<void> {
  for await (const key of store.list(`stages/${name}/evaluate/`)) {
    const record = JSON.parse(new TextDecoder().decode((await store.get(key))!)) as {
      output: { candidate: string; sha256: string }
    }
    await promoteModel(store, { pipeline: name, model: record.output.candidate, evaluation: record.output.sha256 })
  }
}

async function keysOf(store: ListingStore): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

const NOBODY = new Map<string, string[]>()

/** As `sluice delete --data` does, after its questions; `deletions`: so many, then the process is killed. */
async function deleteData(store: ListingStore, { name }: Plan, deletions = Number.POSITIVE_INFINITY): Promise<void> {
  await retire(store, name, { by: 'ada', reason: 'unused' })
  const data = await findPipelineData(store, { pipeline: name, sources: [], readers: NOBODY })
  let left = deletions
  const dying: ListingStore = {
    ...store,
    async delete(key) {
      if (left-- <= 0) throw new Error('killed')
      await store.delete(key)
    },
  }
  await deletePipelineData(dying, data)
}

const problems = async (store: ListingStore, { name }: Plan) =>
  (await verifyLake(store, { sourceId, pipeline: name })).problems.map(({ message }) => message)

const owned = async (store: ListingStore, { name }: Plan) =>
  (await keysOf(store)).filter((key) => key.startsWith(`stages/${name}/`) || key.startsWith(`checkpoints/${name}/`))

test('the other pipeline keeps all it needs, the source too', async () => {
  const store = await twoPipelines()
  const chain = (await keysOf(store)).filter((key) => key.startsWith(snapshotChain(sourceId)))
  await deleteData(store, PLAN)
  expect(await owned(store, PLAN)).toEqual([])
  expect(await problems(store, OTHER)).toEqual([])
  expect((await keysOf(store)).filter((key) => key.startsWith(snapshotChain(sourceId)))).toEqual(chain)
  const data = await findPipelineData(store, { pipeline: PLAN.name, sources: [sourceId], readers: NOBODY })
  expect(data).toMatchObject({ groups: [], shared: [{ source: sourceId, readers: ['other'] }] })
})

test('the record of what was decided stays, and nothing of it can be rolled back to', async () => {
  const store = await twoPipelines()
  const { champion } = (await readLedger(store, PLAN.name)).state
  await deleteData(store, PLAN)
  expect(await problems(store, PLAN)).toEqual([])
  const { state, entries } = await readLedger(store, PLAN.name)
  expect(state).toEqual({ champion: null, previous: [], open: {}, last: {} })
  expect(entries.map(({ change }) => [change.kind, change.model])).toEqual([
    ['promoted', champion],
    ['retired', champion],
  ])
  const kept = (await keysOf(store)).filter((key) => key.includes(champion!))
  expect(kept.map((key) => key.split('/')[0])).toEqual(['models'])
  expect(() => chooseTarget(entries, { pipeline: PLAN.name, to: champion! })).toThrow('no model in service')
})

test('the last pipeline of a source takes its events along', async () => {
  const store = await twoPipelines()
  await deleteData(store, PLAN)
  await deleteData(store, OTHER)
  const kinds = new Set((await keysOf(store)).map((key) => key.replace(/\/.*/, '')))
  expect([...kinds].sort()).toEqual(['evaluations', 'models'])
  for (const plan of [PLAN, OTHER]) expect(await problems(store, plan)).toEqual([])
})

test('a source that another file names stays', async () => {
  const store = await twoPipelines()
  await deleteData(store, OTHER)
  const readers = new Map([[sourceId, ['third']]])
  const { shared, groups } = await findPipelineData(store, { pipeline: PLAN.name, sources: [], readers })
  expect(shared).toEqual([{ source: sourceId, readers: ['third'] }])
  expect(groups.map(({ what }) => what)).not.toContain("entries of the source's chain")
})

test('whatever it is killed at, once more ends as without', { timeout: 60_000 }, async () => {
  const whole = await twoPipelines()
  await deleteData(whole, PLAN)
  await deleteData(whole, OTHER)
  const expected = await keysOf(whole)
  for (let deletions = 0, isOver = false; !isOver; deletions++) {
    const store = await copyOf(await made)
    isOver = await deleteData(store, PLAN, deletions).then(
      () => true,
      () => false,
    )
    expect(await problems(store, OTHER), `killed after ${deletions}`).toEqual([])
    await deleteData(store, PLAN)
    await deleteData(store, OTHER, deletions).catch(() => undefined)
    await deleteData(store, OTHER)
    expect(await keysOf(store), `killed after ${deletions}`).toEqual(expected)
  }
})

const made = twoPipelines()

async function copyOf(store: ListingStore): Promise<ListingStore> {
  const copy = memoryStore()
  for (const key of await keysOf(store)) await copy.putIfAbsent(key, (await store.get(key))!)
  return copy
}
