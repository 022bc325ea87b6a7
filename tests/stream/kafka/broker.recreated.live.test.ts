// A real topic that is deleted, created again and filled beyond the old end: refused, and gone on with when a person accepts.
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { sendEvents } from '../../../stream/kafka/producer.ts'
import { demoEvents, ingestAll, openTwins } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'
import { connectKafka, type LiveKafka, newTopicName } from '../live-kafka.ts'

const { kafka: endpoint } = inject('endpoints')
let kafka: LiveKafka
let broker: Broker
beforeAll(async () => {
  kafka = await connectKafka(endpoint.brokers)
  broker = await connectBroker(endpoint)
})
afterAll(() => Promise.all([kafka?.close(), broker?.close()]))

const PATIENT = { timeout: 20_000, interval: 100 }
const accepted = { by: 'maria', reason: 'the topic was moved', at: '2026-11-24T10:00:00Z' }

test('the same offsets of another topic are no same events', async () => {
  const topic = newTopicName()
  const plan = aPlan({ source: { topic, format: 'json' } })
  const twins = openTwins({ broker })
  await broker.createTopic({ topic, partitions: 1 })
  await sendEvents({ ...endpoint, topic, events: demoEvents(10) })
  expect(await ingestAll(twins, plan, 'run-1')).toMatchObject({ rows: 10 })
  const { topicId: former } = await broker.topicLog(topic)

  await kafka.admin.deleteTopics({ topics: [topic] })
  await expect.poll(() => broker.topicLog(topic).catch(({ code }) => code), PATIENT).toBe('TOPIC_UNKNOWN')
  await broker.createTopic({ topic, partitions: 1 })
  await sendEvents({ ...endpoint, topic, events: demoEvents(15, 100) })
  const { topicId: found } = await broker.topicLog(topic)

  await expect(twins.activities.planIngest({ plan })).rejects.toMatchObject({
    code: 'TOPIC_RECREATED',
    message: `topic ${topic} was deleted and created again: expected topic id ${former}, which the lake was filled from, found ${found}`,
    next: expect.stringContaining(`\`sluice ingest <pipeline> --accept-loss ${topic}/0/0-10 --reason "…"\``),
  })
  const range = { topic, partition: 0, start: 0, end: 10 }
  await twins.activities.acceptLoss({ plan, range, accepted, commitId: 'loss' })
  expect((await twins.activities.planIngest({ plan })).ranges).toEqual([{ ...range, start: 10, end: 15 }])
  expect(await ingestAll(twins, plan, 'run-2')).toMatchObject({ rows: 15 })
}, 60_000)
