// Transactions on a real broker: nothing aborted leaks, every offset is explained, open transactions stay outside.
import type { Transaction } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Hole } from '../../../schemas/segment.ts'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { READ_SETTINGS, type ReadSettings } from '../../../stream/kafka/fetch.ts'
import { copyValue, type RawRecord } from '../../../stream/record.ts'
import { connectKafka, type LiveKafka, newTopicName } from '../live-kafka.ts'

const { brokers } = inject('endpoints').kafka
let kafka: LiveKafka
let broker: Broker

beforeAll(async () => {
  kafka = await connectKafka(brokers)
  broker = await connectBroker({ brokers })
})
afterAll(() => Promise.all([broker.close(), kafka.close()]))

async function begin(): Promise<Transaction> {
  const producer = kafka.kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: newTopicName(),
    retry: { retries: 20 },
  })
  await producer.connect()
  const transaction = await producer.transaction()
  closing.push(() => producer.disconnect())
  return transaction
}

const closing: (() => Promise<void>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

async function newTopic(): Promise<string> {
  const topic = newTopicName()
  await broker.createTopic({ topic, partitions: 1, settings: { 'retention.ms': '-1' } })
  return topic
}

const send = (to: Transaction, topic: string, values: readonly string[], key: Buffer | null = null) =>
  to.send({ topic, messages: values.map((value) => ({ value, key, partition: 0 })) })

async function end(topic: string): Promise<number> {
  return (await broker.topicEnds(topic))[0]!.lastStableOffset
}

async function read(topic: string, start: number, end: number, settings: Partial<ReadSettings> = {}) {
  const reader = await connectBroker({ brokers, read: settings })
  try {
    const values: string[] = []
    const offsets: number[] = []
    const sink = (record: RawRecord): void => {
      offsets.push(record.offset)
      values.push(Buffer.from(copyValue(record)!).toString())
    }
    const result = await reader.readRange({ topic, partition: 0, start, end }, sink)
    return { values, offsets, ...result }
  } finally {
    await reader.close()
  }
}

describe('overlapping aborted transactions', () => {
  let topic: string

  beforeAll(async () => {
    topic = await newTopic()
    const [x, y, z] = await Promise.all([begin(), begin(), begin()])
    await send(x, topic, ['x-ab1', 'x-ab2'])
    await send(y, topic, ['y-ab1'])
    await send(z, topic, ['z-ok1'])
    await send(x, topic, ['x-ab3'], Buffer.from([0, 0, 0, 0])) // a key like that of an abort marker
    await send(x, topic, ['x-ab4'])
    await send(y, topic, ['y-ab2', 'y-ab3'])
    await y.abort()
    await send(z, topic, ['z-ok2'])
    await x.abort()
    await z.commit()
    await vi.waitFor(async () => expect(await end(topic)).toBe(12)) // the broker writes markers a little later
  })

  test('leave two records, seven aborted, three markers', async () => {
    const { values, holes } = await read(topic, 0, 12)
    expect(values).toEqual(['z-ok1', 'z-ok2'])
    const count = (kind: string) => kinds(holes).filter(([, k]) => k === kind).length
    expect({ aborted: count('aborted'), control: count('control') }).toEqual({ aborted: 7, control: 3 })
  })

  test.each([READ_SETTINGS.fetchBytes, 100])('every part agrees, fetches of %i bytes', async (fetchBytes) => {
    const whole = await read(topic, 0, 12)
    for (let start = 0; start < 12; start += 3) {
      for (let stop = start + 1; stop <= 12; stop += 2) {
        const part = await read(topic, start, stop, { fetchBytes })
        const isInside = (offset: number): boolean => start <= offset && offset < stop
        expect(part.offsets).toEqual(whole.offsets.filter(isInside))
        expect(kinds(part.holes)).toEqual(kinds(whole.holes).filter(([offset]) => isInside(offset)))
      }
    }
  })
})

const kinds = (holes: readonly Hole[]): [offset: number, kind: string][] =>
  holes.flatMap(({ kind, start, end }) =>
    Array.from({ length: end - start }, (_, i) => [start + i, kind] as [number, string]),
  )

test('a partition with only control batches', async () => {
  const topic = await newTopic()
  for (let i = 0; i < 3; i++) {
    const transaction = await begin()
    await send(transaction, topic, ['gone'])
    await transaction.abort()
  }
  await expect.poll(() => end(topic)).toBe(6)
  expect(await read(topic, 0, 6)).toMatchObject({ values: [], records: 0 })
})

test('an open transaction is not readable', async () => {
  const topic = await newTopic()
  await kafka.producer.send({ topic, messages: [{ value: 'before' }] })
  const open = await begin()
  await send(open, topic, ['open'])
  await kafka.producer.send({ topic, messages: [{ value: 'after' }] })
  expect(await end(topic)).toBe(1)
  await open.commit()
  await expect.poll(() => end(topic), { timeout: 10_000 }).toBe(4)
  expect((await read(topic, 0, 4)).values).toEqual(['before', 'open', 'after'])
})
