// A log that is another one than the lake was filled from: refused with the offsets, gone on with when a person accepts.
import { describe, expect, test } from 'vitest'
import { openChain } from '../../lake/chain.ts'
import { compactSource } from '../../lake/snapshots/compact.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { verifyLake } from '../../lake/upkeep/verify.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins, type Twins } from './twins.ts'

const plan = aPlan()
const accepted = { by: 'maria', reason: 'the topic was moved', at: '2026-11-24T10:00:00Z' }
const part = (partition: number, start: number, end: number) => ({ topic: 'demo', partition, start, end })

/** Partition 0 has ten events in the lake, partition 1 four. */
async function filled(): Promise<Twins & { readonly sourceId: string }> {
  const twins = openTwins()
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  twins.broker.append('demo', 0, demoEvents(10))
  twins.broker.append('demo', 1, demoEvents(4, 10))
  const snapshot = await ingestAll(twins, plan, 'run-1')
  return { ...twins, sourceId: snapshot.source.id }
}

/** Created again, with so many other events. */
async function recreated(...counts: number[]): Promise<Awaited<ReturnType<typeof filled>>> {
  const twins = await filled()
  twins.broker.dropTopic('demo')
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  for (const [partition, count] of counts.entries())
    twins.broker.append('demo', partition, demoEvents(count, 100 * (partition + 1)))
  return twins
}

async function headOf({ store, sourceId }: { store: Twins['store']; sourceId: string }): Promise<SnapshotChange> {
  return (await openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) }).head())!.entry.change
}

describe('a topic that was created again', () => {
  test('is refused behind the lake’s offsets', async () => {
    const { activities } = await recreated(12, 4)
    await expect(activities.planIngest({ plan })).rejects.toMatchObject({
      code: 'TOPIC_RECREATED',
      facts: { topic: 'demo', expected: 'topic-1', found: 'topic-2' },
      next: expect.stringContaining('--accept-loss demo/0/0-10 demo/1/0-4 --reason'),
    })
    await expect(activities.countNewRows({ plan })).rejects.toMatchObject({ code: 'TOPIC_RECREATED' })
  })

  test('went back while it is shorter', async () => {
    const { activities } = await recreated(12, 3)
    await expect(activities.planIngest({ plan })).rejects.toMatchObject({ code: 'OFFSETS_WENT_BACK' })
    const attempt = activities.acceptLoss({ plan, range: part(1, 0, 4), accepted, commitId: 'loss' })
    await expect(attempt).rejects.toMatchObject({ code: 'OFFSETS_WENT_BACK' })
  })

  test('is read behind what a person accepts', async () => {
    const twins = await recreated(12, 5)
    await twins.activities.acceptLoss({ plan, range: part(0, 0, 10), accepted, commitId: 'loss 0' })
    await twins.activities.acceptLoss({ plan, range: part(1, 0, 4), accepted, commitId: 'loss 1' })
    expect(await headOf(twins)).toMatchObject({
      kind: 'append',
      ranges: [],
      rows: 14,
      passedOver: [{ cause: 'recreated', partition: 1, start: 0, end: 4, accepted }],
      log: { topicId: 'topic-2', epochs: [0, 0] },
    })
    expect((await twins.activities.planIngest({ plan })).ranges).toEqual([part(0, 10, 12), part(1, 4, 5)])
    expect(await ingestAll(twins, plan, 'run-2')).toMatchObject({ version: 4, rows: 17 })
    expect((await headOf(twins)).passedOver).toBeUndefined()
    const { source, problems } = await verifyLake(twins.store, { sourceId: twins.sourceId })
    expect({ problems, source }).toMatchObject({ problems: [], source: { offsets: 17, rows: 17 } })
  })

  test('each partition waits for its own acceptance', async () => {
    const twins = await recreated(12, 5)
    await twins.activities.acceptLoss({ plan, range: part(0, 0, 10), accepted, commitId: 'loss 0' })
    await expect(twins.activities.planIngest({ plan })).rejects.toMatchObject({
      code: 'TOPIC_RECREATED',
      next: expect.stringContaining('--accept-loss demo/1/0-4 --reason'),
    })
  })

  test('accepting twice is one entry', async () => {
    const { activities, store, sourceId } = await recreated(12, 5)
    const loss = { plan, range: part(0, 0, 10), accepted, commitId: 'loss' }
    const first = await activities.acceptLoss(loss)
    expect(await activities.acceptLoss(loss)).toMatchObject({ version: first.version })
    expect((await headSnapshot({ store, source: { id: sourceId } }))?.snapshot.version).toBe(2)
  })

  test.each([
    ['a part of it', part(0, 0, 9)],
    ['more than the lake has', part(0, 0, 12)],
    ['another topic', { ...part(0, 0, 10), topic: 'other' }],
  ])('accepting %s is refused', async (_, range) => {
    const { activities } = await recreated(12, 5)
    const attempt = activities.acceptLoss({ plan, range, accepted, commitId: 'loss' })
    await expect(attempt).rejects.toMatchObject({ code: 'LOSS_NOT_FOUND', facts: { found: 'demo/0/0-10' } })
  })
})

describe('a log that was cut', () => {
  test('is refused where it was written anew', async () => {
    const { broker, activities } = await filled()
    broker.truncate('demo', 0, 6)
    broker.append('demo', 0, demoEvents(6, 200))
    await expect(activities.planIngest({ plan })).rejects.toMatchObject({
      code: 'TOPIC_TRUNCATED',
      facts: { topic: 'demo', partition: 0, expected: 10, found: 6 },
      next: expect.stringContaining('--accept-loss demo/0/6-10 --reason'),
    })
  })

  test('is read behind what a person accepts', async () => {
    const twins = await filled()
    twins.broker.truncate('demo', 0, 6)
    twins.broker.append('demo', 0, demoEvents(6, 200))
    await twins.activities.acceptLoss({ plan, range: part(0, 6, 10), accepted, commitId: 'loss' })
    expect((await headOf(twins)).passedOver).toMatchObject([{ cause: 'truncated', start: 6, end: 10 }])
    expect((await twins.activities.planIngest({ plan })).ranges).toEqual([part(0, 10, 12)])
    expect(await ingestAll(twins, plan, 'run-2')).toMatchObject({ rows: 16 })
  })

  test('behind the lake’s offsets is none', async () => {
    const { broker, activities } = await filled()
    broker.append('demo', 0, demoEvents(5, 200))
    broker.truncate('demo', 0, 12)
    expect((await activities.planIngest({ plan })).ranges).toEqual([part(0, 10, 12)])
  })
})

describe('a log that changes while it is read', () => {
  const changes: readonly [string, (twins: Twins) => Promise<void>][] = [
    ['created again', async ({ broker }) => {
      broker.dropTopic('demo')
      await broker.createTopic({ topic: 'demo', partitions: 2 })
      broker.append('demo', 0, demoEvents(20, 300))
      broker.append('demo', 1, demoEvents(20, 300))
    }],
    ['cut', async ({ broker }) => {
      broker.truncate('demo', 0, 13)
      broker.append('demo', 0, demoEvents(20, 300))
    }],
  ] // biome-ignore format: two rows
  test.each(changes)('%s: nothing of it is committed', async (_, change) => {
    const twins = await filled()
    const { activities, broker, store, sourceId } = twins
    broker.append('demo', 0, demoEvents(5, 20))
    const { source, log, ranges } = await activities.planIngest({ plan })
    const { result } = await asActivity(() => activities.ingestRanges({ plan, source, ranges: [...ranges] }))
    await change(twins)
    const attempt = activities.commitIngest({ source, batches: [result], commitId: 'run-2', log: log! })
    await expect(attempt).rejects.toMatchObject({ code: 'CHAIN_CONFLICT' })
    expect((await headSnapshot({ store, source: { id: sourceId } }))?.snapshot.version).toBe(1)
  })

  test('deleted: what was read of it is kept', async () => {
    const { activities, broker } = await filled()
    broker.append('demo', 0, demoEvents(5, 20))
    const { source, log, ranges } = await activities.planIngest({ plan })
    const { result } = await asActivity(() => activities.ingestRanges({ plan, source, ranges: [...ranges] }))
    broker.dropTopic('demo')
    const commit = { source, batches: [result], commitId: 'run-2', log: log! }
    expect(await activities.commitIngest(commit)).toMatchObject({ version: 2, rows: 19 })
  })
})

test('a leader that waits for replicas', async () => {
  const { broker, store } = await filled()
  const behind = async (topic: string) =>
    (await broker.topicEnds(topic)).map((end) => ({ ...end, lastStableOffset: Math.min(end.lastStableOffset, 9) }))
  const { activities } = openTwins({ broker: { ...broker, topicEnds: behind }, store })
  await expect(activities.planIngest({ plan })).rejects.toMatchObject({
    code: 'REPLICAS_BEHIND',
    facts: { topic: 'demo', partition: 0, expected: 10, found: 9 },
  })
})

test('a chain from before logs were known believes', async () => {
  const twins = openTwins()
  await twins.broker.createTopic({ topic: 'demo', partitions: 1 })
  twins.broker.append('demo', 0, demoEvents(3))
  const { source, ranges } = await twins.activities.planIngest({ plan })
  const { result } = await asActivity(() => twins.activities.ingestRanges({ plan, source, ranges: [...ranges] }))
  await twins.activities.commitIngest({ source, batches: [result], commitId: 'old' })
  const at = { store: twins.store, sourceId: source.id }
  expect((await headOf(at)).log).toBeUndefined()
  twins.broker.append('demo', 0, demoEvents(3, 3))
  await ingestAll(twins, plan, 'new')
  expect((await headOf(at)).log).toEqual({ topicId: 'topic-1', epochs: [0] })
})

test('compaction keeps the log', async () => {
  const { store, sourceId, ...twins } = await filled()
  twins.broker.append('demo', 0, demoEvents(5, 20))
  await ingestAll({ store, ...twins }, plan, 'run-2')
  const { log } = await headOf({ store, sourceId })
  await compactSource({ store, sourceId, codec: undefined, targetBytes: 1 << 24, minRanges: 2, maxGroups: 16 })
  expect(await headOf({ store, sourceId })).toMatchObject({ kind: 'compacted', log })
})

describe('offsets for lag monitors', () => {
  async function commitOf(twins: Twins) {
    const { source, log, ranges } = await twins.activities.planIngest({ plan })
    const { result } = await asActivity(() => twins.activities.ingestRanges({ plan, source, ranges: [...ranges] }))
    return { source, batches: [result], commitId: 'run-2', log: log!, pipeline: 'demo' }
  }

  test('are published after a commit', async () => {
    const twins = await filled()
    twins.broker.append('demo', 1, demoEvents(3, 20))
    expect(await twins.activities.commitIngest(await commitOf(twins))).not.toHaveProperty('offsetsPublished')
    expect(twins.broker.published('sluice-demo')).toEqual(new Map([['demo/1', 7]]))
  })

  test('fail without harm to the commit', async () => {
    const { broker, store } = await filled()
    broker.append('demo', 1, demoEvents(3, 20))
    const refused = { ...broker, publishOffsets: () => Promise.reject(new Error('GROUP_AUTHORIZATION_FAILED')) }
    const twins = openTwins({ broker: refused, store })
    const committed = await twins.activities.commitIngest(await commitOf(twins))
    expect(committed).toMatchObject({ version: 2, offsetsPublished: false })
  })
})
