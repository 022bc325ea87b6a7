// Loss and growth on a real broker and a real S3 server: refused, accepted, read on; new partitions are read whole.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openS3Store } from '../../lake/store/s3.ts'
import { verifyLake } from '../../lake/upkeep/verify.ts'
import type { Plan } from '../../schemas/plan.ts'
import { acceptLoss } from '../../stages/ingest/accept-loss.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import type { Broker } from '../../stream/broker.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { connectKafka, createTopic, deleteBefore, type LiveKafka, newTopicName } from '../stream/live-kafka.ts'
import { aPlan } from '../workflows/builders.ts'
import { ingestToEnd } from './writer.ts'

const { kafka: at, s3 } = inject('endpoints')
const store = openS3Store(s3, { prefix: `faults/${randomUUID()}/` })
let kafka: LiveKafka
let broker: Broker
beforeAll(async () => {
  await store.ensureBucket()
  kafka = await connectKafka(at.brokers)
  broker = await connectBroker({ brokers: at.brokers })
})
afterAll(async () => {
  await Promise.all([kafka.close(), broker.close()])
  store.close()
})

async function send(topic: string, partition: number, count: number): Promise<void> {
  const value = JSON.stringify({ id: 'a', x: 1, y: true })
  await kafka.producer.send({ topic, messages: Array.from({ length: count }, () => ({ partition, value })) })
}

async function newTopic(): Promise<Plan> {
  const topic = newTopicName()
  await createTopic(at.brokers, topic, 1)
  return aPlan({ source: { topic, format: 'json' } })
}

const ingest = (plan: Plan) =>
  ingestToEnd({ store, broker, plan, name: randomUUID(), maxRangeRows: 10, journal: { round: 1 } })
const verify = (plan: Plan) => verifyLake(store, { sourceId: sourceOf(plan, '').id })

test('deleted records stop ingest until accepted', async () => {
  const plan = await newTopic()
  const { topic } = plan.source
  await send(topic, 0, 10)
  await ingest(plan)
  await send(topic, 0, 20)
  await deleteBefore(kafka.admin, topic, 0, 17)
  await expect(ingest(plan)).rejects.toMatchObject({
    code: 'OFFSETS_LOST',
    facts: { expected: 10, found: 17, lost: 7 },
  })

  const range = { topic, partition: 0, start: 10, end: 17 }
  const accepted = { by: 'maria', reason: 'a test', at: '2026-11-24T10:00:00Z' }
  await acceptLoss({ store, broker }, { plan, range, accepted, commitId: 'loss' })
  await ingest(plan)
  const { source, problems } = await verify(plan)
  expect({ problems, source }).toMatchObject({ problems: [], source: { offsets: 30, rows: 23, holes: { lost: 7 } } })
})

test('partitions that are added are read whole', async () => {
  const plan = await newTopic()
  const { topic } = plan.source
  await send(topic, 0, 12)
  await ingest(plan)
  await kafka.admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
  // the producer and the broker learn of the new partitions when they ask again
  await expect.poll(async () => (await broker.topicEnds(topic)).length, { timeout: 20_000 }).toBe(3)
  await kafka.admin.fetchTopicOffsets(topic)
  const producer = kafka.kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ partition: 2, value: 'not JSON' }] })
  await producer.disconnect()
  await ingest(plan)
  const { source, problems } = await verify(plan)
  expect({ problems, source }).toMatchObject({ problems: [], source: { rows: 12, rejects: 1, partitions: 2 } })
})

test('a topic that was created again is refused', async () => {
  const plan = await newTopic()
  const { topic } = plan.source
  await send(topic, 0, 12)
  await ingest(plan)
  await kafka.admin.deleteTopics({ topics: [topic] })
  await expect.poll(async () => (await kafka.admin.listTopics()).includes(topic), { timeout: 20_000 }).toBe(false)
  await createTopic(at.brokers, topic, 1)
  await expect(ingest(plan)).rejects.toMatchObject({ code: 'OFFSETS_WENT_BACK', facts: { expected: 12, found: 0 } })
})
