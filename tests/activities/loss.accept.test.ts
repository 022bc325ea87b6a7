// Loss on the memory twins: refused with the lost range, accepted by a person, kept in the chain.
import { expect, test } from 'vitest'
import { openChain } from '../../lake/chain.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { verifyLake } from '../../lake/upkeep/verify.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins } from './twins.ts'

const plan = aPlan()
const accepted = { by: 'maria', reason: 'retention was too short', at: '2026-11-24T10:00:00Z' }
const lost = (start: number, end: number, partition = 0) => ({ topic: 'demo', partition, start, end })

/** Ten events of partition 0 are in the lake; of those that came then, the ones before an offset are deleted before they are read. */
async function deletedUnread({ partition, events, before }: { partition: number; events: number; before: number }) {
  const twins = openTwins()
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  twins.broker.append('demo', 0, demoEvents(10))
  const snapshot = await ingestAll(twins, plan, 'run-1')
  twins.broker.append('demo', partition, demoEvents(events, 10))
  twins.broker.deleteBefore('demo', partition, before)
  return { ...twins, sourceId: snapshot.source.id }
}

/** [10, 15) is lost, [15, 20) waits. */
const overtaken = () => deletedUnread({ partition: 0, events: 10, before: 15 })

/** 100 events came to the empty partition 1, 50 are lost. */
const overtakenAtFirst = () => deletedUnread({ partition: 1, events: 100, before: 50 })

test('lost offsets stop ingest and are named', async () => {
  const { activities } = await overtaken()
  await expect(activities.planIngest({ plan })).rejects.toMatchObject({
    code: 'OFFSETS_LOST',
    facts: { topic: 'demo', partition: 0, expected: 10, found: 15, lost: 5 },
    next: expect.stringContaining('--accept-loss demo/0/10-15 --reason'),
  })
})

test('an accepted loss is a hole with its reason', async () => {
  const twins = await overtaken()
  const { store, sourceId } = twins
  await twins.activities.acceptLoss({ plan, range: lost(10, 15), accepted, commitId: 'loss' })
  const chain = openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) })
  expect((await chain.head())?.entry.change.ranges).toEqual([
    { range: lost(10, 15), segment: null, rejects: null, holes: [{ kind: 'lost', start: 10, end: 15, accepted }] },
  ])
  expect(await ingestAll(twins, plan, 'run-2')).toMatchObject({ version: 3, rows: 15 })
  const { source, problems } = await verifyLake(store, { sourceId })
  expect({ problems, source }).toMatchObject({ problems: [], source: { offsets: 20, rows: 15, holes: { lost: 5 } } })
})

test('what a partition lost before it is first read is a loss', async () => {
  const twins = await overtakenAtFirst()
  const { activities, store, sourceId } = twins
  await expect(activities.planIngest({ plan })).rejects.toMatchObject({
    code: 'OFFSETS_LOST',
    next: expect.stringContaining('--accept-loss demo/1/0-50 --reason'),
  })
  const half = activities.acceptLoss({ plan, range: lost(25, 50, 1), accepted, commitId: 'half' })
  await expect(half).rejects.toMatchObject({ code: 'LOSS_NOT_FOUND', facts: { found: 'demo/1/0-50' } })
  await activities.acceptLoss({ plan, range: lost(0, 50, 1), accepted, commitId: 'loss' })
  await ingestAll(twins, plan, 'run-2')
  const { source, problems } = await verifyLake(store, { sourceId })
  const found = { rows: 60, offsets: 110, holes: { lost: 50 }, beforeFirst: 0 }
  expect({ problems, source }).toMatchObject({ problems: [], source: found })
})

test('where the log began is kept and shown', async () => {
  const twins = openTwins()
  await twins.broker.createTopic({ topic: 'demo', partitions: 3 })
  twins.broker.append('demo', 0, demoEvents(20))
  twins.broker.append('demo', 1, demoEvents(30, 20))
  twins.broker.deleteBefore('demo', 0, 5)
  twins.broker.deleteBefore('demo', 1, 30)
  const {
    source: { id: sourceId },
  } = await ingestAll(twins, plan, 'run-1')
  const chain = openChain<SnapshotChange>({ store: twins.store, chain: snapshotChain(sourceId) })
  expect((await chain.head())?.entry.change).toMatchObject({
    coverage: [{ partition: 0, start: 5, end: 20 }],
    log: { began: [5, 30, 0] },
  })
  expect((await verifyLake(twins.store, { sourceId })).source).toMatchObject({ beforeFirst: 5 })
  twins.broker.append('demo', 1, demoEvents(10, 50))
  twins.broker.deleteBefore('demo', 1, 33)
  await expect(twins.activities.planIngest({ plan })).rejects.toMatchObject({ facts: { expected: 30, found: 33 } })
})

test('a first ingest of several rounds loses nothing on the way', async () => {
  const twins = openTwins()
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  for (const partition of [0, 1]) {
    twins.broker.append('demo', partition, demoEvents(20, 20 * partition))
    twins.broker.deleteBefore('demo', partition, 5)
  }
  const { source, log, ranges } = await twins.activities.planIngest({ plan })
  const first = ranges.filter(({ partition }) => partition === 0)
  const { result: batch } = await asActivity(() => twins.activities.ingestRanges({ plan, source, ranges: first }))
  await twins.activities.commitIngest({ source, batches: [batch], commitId: 'round-1', log: log! })
  expect((await ingestAll(twins, plan, 'round-2')).rows).toBe(30)
})

test('accepting twice is one commit', async () => {
  const { activities, store, sourceId } = await overtaken()
  const loss = { plan, range: lost(10, 15), accepted, commitId: 'loss' }
  const first = await activities.acceptLoss(loss)
  expect(await activities.acceptLoss(loss)).toEqual(first)
  expect((await headSnapshot({ store, source: { id: sourceId } }))?.snapshot.version).toBe(2)
})

test.each([
  ['what is still there', lost(10, 16)],
  ['what follows a gap', lost(12, 15)],
  ['half of what the lake has', lost(5, 15)],
  ['what the lake has rows of', lost(2, 8)],
  ['a partition that lost nothing', lost(0, 5, 1)],
  ['a partition that is not there', lost(0, 5, 7)],
  ['another topic', { ...lost(10, 15), topic: 'other' }],
])('the loss of %s is refused', async (_, range) => {
  const { activities } = await overtaken()
  const attempt = activities.acceptLoss({ plan, range, accepted, commitId: 'loss' })
  await expect(attempt).rejects.toMatchObject({ code: 'LOSS_NOT_FOUND' })
})

test('a loss that nobody accepted is refused', async () => {
  const { activities } = await overtaken()
  const nobody = { ...accepted, reason: '' }
  const attempt = activities.acceptLoss({ plan, range: lost(10, 15), accepted: nobody, commitId: 'loss' })
  await expect(attempt).rejects.toMatchObject({ code: 'RANGE_INCOMPLETE' })
})

test('a topic that was created again is refused', async () => {
  const { activities, broker } = await overtaken()
  broker.dropTopic('demo')
  await broker.createTopic({ topic: 'demo', partitions: 2 })
  await expect(activities.planIngest({ plan })).rejects.toMatchObject({ code: 'OFFSETS_WENT_BACK' })
})

test('a partition that is new is read whole', async () => {
  const twins = await overtaken()
  twins.broker.append('demo', 1, demoEvents(3))
  await twins.activities.acceptLoss({ plan, range: lost(10, 15), accepted, commitId: 'loss' })
  const { ranges } = await twins.activities.planIngest({ plan })
  expect(ranges).toEqual([lost(15, 20), lost(0, 3, 1)])
})

test('a commit of others between the looks is no step back', async () => {
  const twins = await overtaken()
  await twins.activities.acceptLoss({ plan, range: lost(10, 15), accepted, commitId: 'loss' })
  // the other run sees ten more events and commits them while this one waits for its answer of the broker
  const broker = {
    ...twins.broker,
    async topicEnds(topic: string) {
      const ends = await twins.broker.topicEnds(topic)
      twins.broker.append('demo', 0, demoEvents(10, 20))
      await ingestAll(twins, plan, 'run-2')
      return ends
    },
  }
  const { activities } = openTwins({ store: twins.store, broker })
  expect((await activities.planIngest({ plan })).ranges).toEqual([lost(15, 20)])
})
