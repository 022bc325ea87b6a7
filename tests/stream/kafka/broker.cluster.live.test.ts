// A cluster of three real brokers: leaders are killed and stopped in the middle of reads, and one election loses records.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { type KafkaCluster, startKafkaCluster } from '../../../infra/testing/kafka-cluster.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { demoEvents, ingestAll, openTwins } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'
import { connectKafka, type LiveKafka } from '../live-kafka.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'sluice-cluster-'))
const MESSAGE_BYTES = 500
let cluster: KafkaCluster
let kafka: LiveKafka
let broker: Broker

beforeAll(async () => {
  cluster = await startKafkaCluster({ stateDir, cacheDir: loadConfig().cacheDir, say: () => {} })
  kafka = await connectKafka(cluster.brokers)
  broker = await connectBroker({ brokers: cluster.brokers, read: { fetchBytes: 16 * 1024 } })
}, 180_000)
afterAll(async () => {
  await Promise.all([kafka?.close(), broker?.close()])
  await cluster?.close()
  rmSync(stateDir, { recursive: true, force: true })
}, 60_000)

/** One partition; the first replica leads while it lives. */
async function createTopic(topic: string, replicas: readonly number[], settings: Record<string, string>) {
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const replicaAssignment = [{ partition: 0, replicas: [...replicas] }]
  await kafka.admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }] })
  await expect.poll(() => leaderOf(topic), PATIENT).toBe(replicas[0])
}

const PATIENT = { timeout: 30_000, interval: 100 }

async function partitionOf(topic: string) {
  const { topics } = await kafka.admin.fetchTopicMetadata({ topics: [topic] })
  return topics[0]!.partitions[0]!
}

const leaderOf = (topic: string): Promise<number> => partitionOf(topic).then(({ leader }) => leader, () => -1) // biome-ignore format: one line
const inSyncOf = (topic: string): Promise<number[]> => partitionOf(topic).then(({ isr }) => isr.toSorted(), () => []) // biome-ignore format: one line

async function send(topic: string, count: number, from = 0): Promise<void> {
  const values = demoEvents(count, from).map(({ key, value }) => ({ key, value: value.padEnd(MESSAGE_BYTES) }))
  await kafka.producer.send({ topic, acks: -1, messages: values })
}

test('every offset arrives once while leaders change', async () => {
  await createTopic('moving', [2, 3, 1], { 'min.insync.replicas': '2' })
  for (let i = 0; i < 10; i++) await send('moving', 1000, 1000 * i)
  let seen = 0
  let changed: Promise<void> | undefined
  const { records, holes } = await broker.readRange(
    { topic: 'moving', partition: 0, start: 0, end: 10_000 },
    (record) => {
      expect(record.offset).toBe(seen++)
      if (seen === 1000) changed = cluster.kill(2)
      // one of the others must be back before: min.insync.replicas holds for reading as well
      if (seen === 6000) changed = changed?.then(() => cluster.start(2)).then(() => cluster.stop(3))
    },
  )
  await changed
  expect({ records, holes }).toEqual({ records: 10_000, holes: [] })
  expect(await leaderOf('moving')).not.toBe(3)
  await cluster.start(3)
  await expect.poll(() => inSyncOf('moving'), PATIENT).toEqual([1, 2, 3])
}, 120_000)

test('a lake goes on across clean elections', async () => {
  const topic = 'clean'
  const plan = aPlan({ source: { topic, format: 'json' } })
  await createTopic(topic, [3, 2, 1], { 'min.insync.replicas': '2' })
  const twins = openTwins({ broker, store: memoryStore() })
  await send(topic, 20)
  expect(await ingestAll(twins, plan, 'run-1')).toMatchObject({ rows: 20 })
  const { epochs } = await broker.topicLog(topic)
  await cluster.kill(3)
  await send(topic, 20, 20)
  expect(await ingestAll(twins, plan, 'run-2')).toMatchObject({ rows: 40 })
  expect((await broker.topicLog(topic)).epochs[0]).toBeGreaterThan(epochs[0]!)
  await cluster.start(3)
  await expect.poll(() => inSyncOf(topic), PATIENT).toEqual([1, 2, 3])
}, 120_000)

test('an unclean election is found and named', async () => {
  const topic = 'unclean'
  const plan = aPlan({ source: { topic, format: 'json' } })
  await createTopic(topic, [2, 3], { 'unclean.leader.election.enable': 'true', 'min.insync.replicas': '1' })
  const { activities, ...twins } = openTwins({ broker, store: memoryStore() })
  await send(topic, 50)
  await cluster.kill(3)
  await expect.poll(() => inSyncOf(topic), PATIENT).toEqual([2])
  await send(topic, 50, 50) // on node 2 alone
  expect(await ingestAll({ activities, ...twins }, plan, 'run-1')).toMatchObject({ rows: 100 })
  await cluster.kill(2)
  await cluster.start(3)
  await expect.poll(() => leaderOf(topic), PATIENT).toBe(3)
  await kafka.close() // its producer knows what it was told is stored, and would refuse to go on
  kafka = await connectKafka(cluster.brokers)
  await send(topic, 100, 200)
  await expect(activities.planIngest({ plan })).rejects.toMatchObject({
    code: 'TOPIC_TRUNCATED',
    facts: { topic, partition: 0, expected: 100, found: 50, losses: 'unclean/0/50-100' },
  })
  const accepted = { by: 'maria', reason: 'node 2 is gone', at: new Date().toISOString() }
  await activities.acceptLoss({ plan, range: { topic, partition: 0, start: 50, end: 100 }, accepted, commitId: 'loss' })
  expect(await ingestAll({ activities, ...twins }, plan, 'run-2')).toMatchObject({ rows: 150 })
}, 120_000)
