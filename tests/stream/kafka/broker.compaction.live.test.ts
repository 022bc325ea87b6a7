// A compacted topic on a real broker: survivors, holes, and parts of the range that have no record left.
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { copyKey } from '../../../stream/record.ts'
import { connectKafka, type LiveKafka, newTopicName } from '../live-kafka.ts'

const { brokers } = inject('endpoints').kafka
const topic = newTopicName()
let kafka: LiveKafka
let broker: Broker

const COMPACT_SOON = {
  'cleanup.policy': 'compact',
  'segment.ms': '100',
  'segment.bytes': '1048576',
  'min.cleanable.dirty.ratio': '0.01',
  'max.compaction.lag.ms': '500',
  'delete.retention.ms': '0',
}

beforeAll(async () => {
  kafka = await connectKafka(brokers)
  broker = await connectBroker({ brokers })
  await broker.createTopic({ topic, partitions: 1, settings: COMPACT_SOON })
  for (let round = 0; round < 6; round++) await sendRound(round * 50)
  await vi.waitFor(compacted, { timeout: 80_000, interval: 200 })
}, 90_000)
afterAll(() => Promise.all([broker.close(), kafka.close()]))

/** By a producer of its own: the cleaner keeps the last batch of every producer, emptied. */
async function sendRound(first: number): Promise<void> {
  const producer = kafka.kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = Array.from({ length: 50 }, (_, i) => ({ key: `k${i % 5}`, value: `v${first + i}` }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** Only segments that are not written to are compacted, and only a new record makes an old segment end. */
async function compacted(): Promise<void> {
  await kafka.producer.send({ topic, messages: [{ key: 'end', value: 'end' }] })
  expect((await keysOf(0, 300)).length).toBeLessThan(20)
}

async function keysOf(start: number, end: number): Promise<string[]> {
  const keys: string[] = []
  await broker.readRange({ topic, partition: 0, start, end }, (record) => {
    keys.push(Buffer.from(copyKey(record)!).toString())
  })
  return keys
}

test('survivors and holes are the whole range', async () => {
  const { records, holes } = await broker.readRange({ topic, partition: 0, start: 0, end: 300 }, () => {})
  const absent = holes.reduce((sum, { start, end }) => sum + end - start, 0)
  expect(records + absent).toBe(300)
  expect(absent).toBeGreaterThan(280)
  expect(new Set(holes.map(({ kind }) => kind))).toEqual(new Set(['compacted']))
})

test('the last of every key survives', async () => {
  expect(new Set(await keysOf(0, 300))).toEqual(new Set(['k0', 'k1', 'k2', 'k3', 'k4']))
})

test('a part without survivors is one hole', async () => {
  const { records, holes, end } = await broker.readRange({ topic, partition: 0, start: 10, end: 190 }, () => {})
  expect({ records, holes, end }).toEqual({ records: 0, holes: [{ kind: 'compacted', start: 10, end: 190 }], end: 190 })
})
