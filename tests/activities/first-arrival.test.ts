// Equal ids across partitions and snapshots: the row that was counted stays, in every later dataset.
import { expect, test } from 'vitest'
import { readColumns } from '../../lake/columns/read.ts'
import { compactSource } from '../../lake/snapshots/compact.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import type { SnapshotRef } from '../../schemas/manifest.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins, type Twins } from './twins.ts'

const plan = aPlan()

async function opened(changes: Parameters<typeof openTwins>[0] = {}) {
  const twins = openTwins(changes)
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  return twins
}

async function clean({ activities }: Twins, snapshot: SnapshotRef): Promise<DatasetRef> {
  return (await asActivity(() => activities.cleanSnapshot({ plan, snapshot }))).result.value
}

/** Where each clean row came from, by split: partition/offset. */
async function placesIn({ store }: Twins, dataset: DatasetRef): Promise<Record<string, string[]>> {
  const { parts } = await readJson<DatasetManifest>(store, dataset)
  const places: Record<string, string[]> = {}
  for (const [split, refs] of Object.entries(parts)) {
    for (const ref of refs) {
      const { _partition, _offset } = (await readColumns(store, ref)).byName
      if (_partition?.type !== 'int32' || _offset?.type !== 'int64') throw new Error('system columns')
      for (const [row, partition] of _partition.values.entries())
        places[split] = [...(places[split] ?? []), `${partition}/${_offset.values[row]}`]
    }
  }
  return places
}

test('a later event in a lower partition replaces no counted one', async () => {
  const twins = await opened()
  twins.broker.append('demo', 1, demoEvents(200))
  const before = await placesIn(twins, await clean(twins, await ingestAll(twins, plan, 'run-1')))
  // the same 200 events again, now in partition 0, and with times before all others
  const again = demoEvents(200).map((event) => ({ ...event, timestamp: 1 }))
  twins.broker.append('demo', 0, again)
  const after = await clean(twins, await ingestAll(twins, plan, 'run-2'))
  expect(after.accounting).toMatchObject({ in: 400, clean: 200, duplicates: 200 })
  expect(await placesIn(twins, after)).toEqual(before)
})

test('within a snapshot the earlier time stays', async () => {
  const twins = await opened()
  const late = demoEvents(100).map((event, i) => ({ ...event, timestamp: i < 50 ? 5_000 : 1_000 }))
  const early = demoEvents(100).map((event) => ({ ...event, timestamp: 3_000 }))
  twins.broker.append('demo', 0, late)
  twins.broker.append('demo', 1, early)
  const dataset = await clean(twins, await ingestAll(twins, plan, 'run-1'))
  const places = Object.values(await placesIn(twins, dataset)).flat()
  expect(places.toSorted()).toEqual(Array.from({ length: 100 }, (_, i) => (i < 50 ? `1/${i}` : `0/${i}`)).toSorted())
})

test('how ranges are cut, and compaction, decide nothing', async () => {
  const run = async (maxRangeRows: number) => {
    const twins = await opened({ limits: { maxRangeRows, maxRangeBytes: 1_000_000 } })
    let snapshot: SnapshotRef | undefined
    for (const [round, partition] of [1, 0, 1, 0].entries()) {
      twins.broker.append('demo', partition, demoEvents(60, 15 * round))
      snapshot = await ingestAll(twins, plan, `run-${round}`)
    }
    return { twins, snapshot: snapshot! }
  }
  const [coarse, fine] = [await run(1_000), await run(7)]
  const expected = await clean(coarse.twins, coarse.snapshot)
  expect(await clean(fine.twins, fine.snapshot)).toEqual(expected)
  const { store } = fine.twins
  await compactSource({ store, sourceId: fine.snapshot.source.id, targetBytes: 1_000_000, minRanges: 2 })
  const { head } = await fine.twins.activities.planIngest({ plan })
  expect(head?.version).toBeGreaterThan(fine.snapshot.version)
  expect(await clean(fine.twins, head!)).toEqual(expected)
})
