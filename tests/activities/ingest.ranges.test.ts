// Ingest activities on the memory twins.
import { expect, test } from 'vitest'
import { headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import { aPlan } from '../workflows/builders.ts'
import { asActivity, demoEvents, ingestAll, openTwins } from './twins.ts'

const plan = aPlan()

async function filled(count: number) {
  const twins = openTwins()
  await twins.broker.createTopic({ topic: 'demo', partitions: 2 })
  twins.broker.append('demo', 0, demoEvents(count))
  twins.broker.append('demo', 1, demoEvents(count, count))
  return twins
}

test('every offset of every partition is planned', async () => {
  const { activities } = await filled(120)
  const { ranges, head, more } = await activities.planIngest({ plan })
  expect(ranges.map(({ partition, start, end }) => [partition, start, end])).toEqual([
    [0, 0, 50],
    [0, 50, 100],
    [0, 100, 120],
    [1, 0, 50],
    [1, 50, 100],
    [1, 100, 120],
  ])
  expect({ head, more }).toEqual({ head: null, more: false })
})

test('poison messages become rejects', async () => {
  const twins = await filled(10)
  twins.broker.append('demo', 0, [{ value: 'not JSON' }, { value: null }, ...demoEvents(1, 100)])
  const snapshot = await ingestAll(twins, plan, 'run-1')
  expect(snapshot).toMatchObject({ version: 1, rows: 21, rejects: 2 })
})

test('the next plan starts where the last ended', async () => {
  const twins = await filled(10)
  await ingestAll(twins, plan, 'run-1')
  expect(await twins.activities.planIngest({ plan })).toMatchObject({ ranges: [], head: { version: 1 } })
  twins.broker.append('demo', 1, demoEvents(3, 500))
  const { ranges } = await twins.activities.planIngest({ plan })
  expect(ranges).toEqual([{ topic: 'demo', partition: 1, start: 10, end: 13 }])
})

test('new rows are counted beyond the snapshot', async () => {
  const twins = await filled(10)
  expect(await twins.activities.countNewRows({ plan })).toBe(20)
  await ingestAll(twins, plan, 'run-1')
  expect(await twins.activities.countNewRows({ plan })).toBe(0)
})

test('more than a thousand ranges take several rounds', async () => {
  const twins = openTwins({ limits: { maxRangeRows: 1, maxRangeBytes: 1_000 } })
  await twins.broker.createTopic({ topic: 'demo', partitions: 1 })
  twins.broker.append('demo', 0, demoEvents(1_001))
  expect(await twins.activities.planIngest({ plan })).toMatchObject({ more: true, ranges: { length: 1_000 } })
})

test('pieces are as small as the byte limit', async () => {
  const twins = openTwins({ limits: { maxRangeRows: 1_000, maxRangeBytes: 500 } })
  await twins.broker.createTopic({ topic: 'demo', partitions: 1 })
  twins.broker.append('demo', 0, demoEvents(100))
  const snapshot = await ingestAll(twins, plan, 'run-1')
  const { segments } = await snapshotSegments({ store: twins.store, snapshot })
  expect(segments.length).toBeGreaterThan(5)
  expect(segments.reduce((total, { rows }) => total + rows, 0)).toBe(100)
})

test('a repeated commit is the same commit', async () => {
  const { activities, store } = await filled(10)
  const { source, ranges } = await activities.planIngest({ plan })
  const { result } = await asActivity(() => activities.ingestRanges({ plan, source, ranges: [...ranges] }))
  const commit = { source, batches: [result], commitId: 'run-1' }
  const first = await activities.commitIngest(commit)
  expect(await activities.commitIngest(commit)).toEqual(first)
  expect((await headSnapshot({ store, source }))?.snapshot.version).toBe(1)
})

test('a repeated read writes nothing new', async () => {
  const { activities, keys } = await filled(10)
  const { source, ranges } = await activities.planIngest({ plan })
  const read = () => asActivity(() => activities.ingestRanges({ plan, source, ranges: [...ranges] }))
  const first = await read()
  const before = await keys()
  expect((await read()).result).toEqual(first.result)
  expect(await keys()).toEqual(before)
})

test('every piece is a heartbeat', async () => {
  const { activities } = await filled(120)
  const { source, ranges } = await activities.planIngest({ plan })
  const { beats } = await asActivity(() => activities.ingestRanges({ plan, source, ranges: [...ranges] }))
  expect(beats).toHaveLength(6)
})

test('another cluster is refused', async () => {
  const twins = await filled(10)
  await ingestAll(twins, plan, 'run-1')
  const broker = memoryBroker({ clusterId: 'another' })
  await broker.createTopic({ topic: 'demo', partitions: 2 })
  const elsewhere = openTwins({ store: twins.store, broker })
  await expect(elsewhere.activities.planIngest({ plan })).rejects.toMatchObject({ code: 'CLUSTER_CHANGED' })
})
