// What is kept of windows, and how long: of one that has grown since it goes, of a whole one it stays.
import { expect, test } from 'vitest'
import { memoryStore } from '../../../lake/store/memory.ts'
import { deleteGarbage, findGarbage } from '../../../lake/upkeep/collect.ts'
import { verifyLake } from '../../../lake/upkeep/verify.ts'
import { faultyStore } from '../../lake/faulty-store.ts'
import { clean, commit, openSource, PLAN } from './grown-source.ts'

const DAY_MS = 86_400_000

test('what was kept of a window that has grown goes with its ids, and cleaning does without', async () => {
  let nowMs = 1_700_000_000_000
  const store = memoryStore({ now: () => nowMs })
  const twins = await openSource({ store })
  const events = (count: number) =>
    Array.from({ length: count }, (_, id) => ({ partition: id % 2, id, time: 0, isBroken: false }))
  const first = await commit(twins, events(3), 'run-1')
  await clean(store, first, PLAN.name)
  const collect = () =>
    findGarbage({ store, sourceId: first.source.id, pipeline: PLAN.name, beforeMs: nowMs - 7 * DAY_MS })
  expect(await collect()).toEqual([])

  nowMs += 8 * DAY_MS
  const second = await commit(twins, events(9), 'run-2')
  const dataset = await clean(store, second, PLAN.name)
  const garbage = await collect()
  const kinds = Map.groupBy(garbage, ({ kind, key }) => `${kind} ${key.split('/')[0]}`)
  // 102 and 101 offsets in windows of four: one in each partition was not full, its record of ids and its own
  expect(kinds.get('tail stages')).toHaveLength(4)
  expect(kinds.get('unreferenced ids')).toHaveLength(4)
  expect(garbage.filter(({ kind, key }) => key.startsWith('stages/') && kind !== 'tail')).toEqual([])
  await deleteGarbage(store, garbage)
  expect((await verifyLake(store, { sourceId: first.source.id, pipeline: PLAN.name })).problems).toEqual([])
  expect(await clean(store, second, PLAN.name)).toEqual(dataset)
  expect(await clean(store, second, null)).toEqual(dataset)
})

test('a window that has hardly begun is not kept', async () => {
  const twins = await openSource()
  const wide = { ...PLAN, columns: PLAN.columns.filter(({ kind }) => kind !== 'text') } // windows of 65,536
  const keys: string[] = []
  const watched = faultyStore(twins.store, {
    put(real, ...call) {
      keys.push(call[0])
      return real(...call)
    },
  })
  const snapshot = await commit(twins, [], 'run-1')
  const dataset = await clean(watched, snapshot, 'code', wide)
  expect(keys.map((key) => key.split('/')[0]).filter((kind) => kind !== 'parts')).toEqual(['transforms', 'datasets'])
  expect(dataset).toEqual(await clean(twins.store, snapshot, null, wide))
})
