// What sendEvents writes, and all codecs of other producers, read from a real broker.

import { zstdCompressSync } from 'node:zlib'
import kafkajs, { CompressionTypes } from 'kafkajs'
import { compressFrame } from 'lz4-napi'
import { compressSync } from 'snappy'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { sendEvents } from '../../../stream/kafka/producer.ts'
import { copyKey, copyValue } from '../../../stream/record.ts'
import { connectKafka, type LiveKafka, newTopicName } from '../live-kafka.ts'

const { brokers } = inject('endpoints').kafka
let kafka: LiveKafka
let broker: Broker

beforeAll(async () => {
  kafka = await connectKafka(brokers)
  broker = await connectBroker({ brokers })
})
afterAll(() => Promise.all([broker.close(), kafka.close()]))

type Encoder = { readonly buffer: Buffer }
const codec = (compress: (bytes: Buffer) => Buffer | Promise<Buffer>) => () => ({
  compress: async (encoder: Encoder) => compress(encoder.buffer),
})

async function valuesOf(topic: string, partition: number, end: number): Promise<string[]> {
  const values: string[] = []
  await broker.readRange({ topic, partition, start: 0, end }, (record) => {
    values.push(`${copyKey(record)} ${Buffer.from(copyValue(record)!).toString()}`)
  })
  return values
}

test('one topic with batches of every codec', async () => {
  const topic = newTopicName()
  await broker.createTopic({ topic, partitions: 1, settings: { 'retention.ms': '-1' } })
  Object.assign(kafkajs.CompressionCodecs, {
    [CompressionTypes.Snappy]: codec((bytes) => compressSync(bytes)),
    [CompressionTypes.LZ4]: codec((bytes) => compressFrame(bytes)),
    [CompressionTypes.ZSTD]: codec((bytes) => zstdCompressSync(bytes)),
  })
  const expected: string[] = []
  for (const compression of [0, 1, 2, 3, 4]) {
    const messages = Array.from({ length: 100 }, (_, i) => ({ value: `${compression}-${i}-${'x'.repeat(i * 10)}` }))
    await kafka.producer.send({ topic, compression, messages })
    expected.push(...messages.map(({ value }) => `null ${value}`))
  }
  expect(await valuesOf(topic, 0, 500)).toEqual(expected)
})

describe('sendEvents', () => {
  test('sends every event once, keys to one partition', async () => {
    const topic = newTopicName()
    await broker.createTopic({ topic, partitions: 3, settings: { 'retention.ms': '-1' } })
    const events = Array.from({ length: 5000 }, (_, i) => ({
      ...(i % 4 === 0 ? {} : { key: `k${i % 7}` }),
      value: `v${i}`,
      timestamp: 1000 + i,
    }))
    const progress: number[] = []
    expect(await sendEvents({ brokers, topic, events, onProgress: (sent) => progress.push(sent) })).toEqual({
      sent: 5000,
    })
    expect(progress.at(-1)).toBe(5000)
    const ends = await broker.topicEnds(topic)
    const partitions = await Promise.all(ends.map((end) => valuesOf(topic, end.partition, end.lastStableOffset)))
    const values = partitions.flat().map((line) => line.split(' ')[1])
    expect(values.toSorted()).toEqual(events.map(({ value }) => value).toSorted())
    for (const lines of partitions) expect(lines.filter((line) => line.startsWith('null')).length).toBeGreaterThan(300)
  })

  test('an unknown topic is a failure', async () => {
    const sending = sendEvents({ brokers, topic: newTopicName(), events: [{ value: 'x' }] })
    await expect(sending).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' })
  })
})

test('no broker is a failure', async () => {
  const nobody = ['127.0.0.1:1']
  await expect(connectBroker({ brokers: nobody, patienceMs: 300 })).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
    facts: { brokers: '127.0.0.1:1' },
  })
})

test('settings that the broker refuses are a failure', async () => {
  const creating = broker.createTopic({
    topic: newTopicName(),
    partitions: 1,
    settings: { 'cleanup.policy': 'sometimes' },
  })
  await expect(creating).rejects.toMatchObject({ code: 'BROKER_REFUSED', facts: { detail: expect.any(String) } })
})
