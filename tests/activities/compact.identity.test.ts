// Compaction on the memory twins: fewer files, and nobody can tell otherwise.
import { expect, test } from 'vitest'
import { openChain } from '../../lake/chain.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { compactSource } from '../../lake/snapshots/compact.ts'
import { replaceRanges } from '../../lake/snapshots/replace-ranges.ts'
import { headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { faultyStore, onCalls, resetAfterSuccess } from '../lake/faulty-store.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins, type Twins } from './twins.ts'

const plan = aPlan()
const sourceId = sourceOf(plan, '').id
const LIMITS = { targetBytes: 1_000_000, minRanges: 2 }

/** 40 commits of 5 events in two partitions, every 16th event poison. */
async function manyCommits(changes: Parameters<typeof openTwins>[0] = {}) {
  const twins = openTwins(changes)
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  for (let commit = 0; commit < 40; commit++) {
    const events = demoEvents(5, commit * 5)
    twins.broker.append('demo', commit % 2, commit % 8 === 3 ? [{ value: '{' }, ...events] : events)
    await ingestAll(twins, plan, `run-${commit}`)
  }
  return twins
}

async function head({ store }: Twins) {
  const { snapshot } = (await headSnapshot({ store, source: { id: sourceId } }))!
  return { snapshot, ...(await snapshotSegments({ store, snapshot })) }
}

const clean = async (twins: Twins) => {
  const { snapshot } = await head(twins)
  return (await asActivity(() => twins.activities.cleanSnapshot({ plan, snapshot }))).result
}

test('forty ranges become two', async () => {
  const twins = await manyCommits()
  const before = await head(twins)
  const compacted = await compactSource({ store: twins.store, sourceId, ...LIMITS })
  expect(compacted).toMatchObject({ before: 40, after: 2, files: 3, versions: [41] })
  const after = await head(twins)
  expect(after.segments).toHaveLength(2)
  expect(after.coverage).toEqual(before.coverage)
  expect([after.snapshot.rows, after.snapshot.rejects]).toEqual([before.snapshot.rows, before.snapshot.rejects])
})

test('offsets keep their order', async () => {
  const twins = await manyCommits()
  const read = async () => {
    const rows: string[] = []
    for (const segment of (await head(twins)).segments) {
      const { _offset, _partition, x } = (await readColumns(twins.store, segment)).byName
      if (_offset?.type !== 'int64' || _partition?.type !== 'int32' || x?.type !== 'float64') throw new Error('columns')
      for (const [row, offset] of _offset.values.entries())
        rows.push(`${_partition.values[row]}/${offset} ${x.values[row]}`)
    }
    return rows
  }
  const before = await read()
  await compactSource({ store: twins.store, sourceId, ...LIMITS })
  expect(await read()).toEqual(before)
})

test('a run after it finds nothing new', async () => {
  const twins = await manyCommits()
  const first = await clean(twins)
  await compactSource({ store: twins.store, sourceId, ...LIMITS })
  const keys = await twins.keys()
  expect(await clean(twins)).toEqual({ ...first, reused: true, why: expect.stringContaining('unchanged') })
  expect(await twins.keys()).toEqual(keys)
  const { ranges } = await twins.activities.planIngest({ plan })
  expect(ranges).toEqual([])
})

test('a dataset made after it is the same', async () => {
  const small = await manyCommits()
  const compacted = await manyCommits()
  await compactSource({ store: compacted.store, sourceId, ...LIMITS })
  const [one, other] = [await clean(small), await clean(compacted)]
  expect(other.reused).toBe(false)
  expect(other.value.digest).toBe(one.value.digest)
})

test('compacting again writes nothing', async () => {
  const twins = await manyCommits()
  await compactSource({ store: twins.store, sourceId, ...LIMITS })
  const keys = await twins.keys()
  expect(await compactSource({ store: twins.store, sourceId, ...LIMITS })).toMatchObject({ before: 2, versions: [] })
  expect(await twins.keys()).toEqual(keys)
})

test('ingest goes on behind it', async () => {
  const twins = await manyCommits()
  await compactSource({ store: twins.store, sourceId, ...LIMITS })
  twins.broker.append('demo', 0, demoEvents(7, 900))
  const snapshot = await ingestAll(twins, plan, 'run-later')
  expect(snapshot.version).toBe(42)
  await compactSource({ store: twins.store, sourceId, ...LIMITS })
  const { segments } = await head(twins)
  expect(segments).toHaveLength(2)
  // what one clean stage remembers covers every file that ever was
  expect(segments.map(({ merged }) => merged?.length)).toEqual([21, 20])
})

test('two at once are one', async () => {
  const twins = await manyCommits()
  const compact = () => compactSource({ store: twins.store, sourceId, ...LIMITS })
  await Promise.allSettled([compact(), compact(), compact()])
  expect((await head(twins)).snapshot.version).toBe(41)
  expect((await head(twins)).segments).toHaveLength(2)
})

test('ranges that were replaced meanwhile are a conflict', async () => {
  const twins = await manyCommits()
  const { store } = twins
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) }).entries()
  const [stale] = links[0]!.entry.change.ranges
  await compactSource({ store, sourceId, ...LIMITS })
  const keys = await twins.keys()
  const replacing = replaceRanges({ store, sourceId, kind: 'replayed', replacements: [{ of: [stale!], by: stale! }] })
  await expect(replacing).rejects.toMatchObject({ code: 'CHAIN_CONFLICT' })
  expect(await twins.keys()).toEqual(keys)
})

test('a lost answer is no second entry', async () => {
  const twins = await manyCommits()
  const store = faultyStore(twins.store, { put: onCalls([3], resetAfterSuccess) })
  await compactSource({ store, sourceId, ...LIMITS })
  expect((await head(twins)).snapshot.version).toBe(41)
})

test('compression changes no dataset', async () => {
  const twins = await manyCommits()
  const plain = await clean(twins)
  for (const codec of ['zstd', 'lz4'] as const) {
    const other = await manyCommits({ codec })
    expect((await clean(other)).value.digest).toBe(plain.value.digest)
    await compactSource({ store: other.store, sourceId, codec, ...LIMITS })
    expect((await clean(other)).reused).toBe(true)
  }
})

test('a commit compacts when many wait', async () => {
  const twins = await manyCommits({ limits: { maxRangeRows: 50, maxRangeBytes: 1_000_000, compactRanges: 8 } })
  const { segments } = await head(twins)
  expect(segments.length).toBeLessThan(18)
  const plain = await manyCommits()
  expect((await clean(twins)).value.digest).toBe((await clean(plain)).value.digest)
})
