// Ranges read in other threads, against a real broker: the same objects as in this thread, and its failures.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { memoryStore } from '../../../lake/store/memory.ts'
import type { Store } from '../../../lake/store/store.ts'
import { failure } from '../../../schemas/failures.ts'
import { ingestRangeHere } from '../../../stages/ingest/range.ts'
import type { Broker } from '../../../stream/broker.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { sendEvents } from '../../../stream/kafka/producer.ts'
import { type IngestPool, openIngestPool } from '../../../workers/ingest/ingest-pool.ts'
import { demoEvents } from '../../activities/twins.ts'
import { aPlan } from '../../workflows/builders.ts'

const topic = `pool-${randomUUID()}`
const EVENTS = 5_000
const endpoints = inject('endpoints')
const config = { ...loadConfig(), endpoints, ingestThreads: 2, maxRangeBytes: 64 * 1024 }
const { brokers } = endpoints.kafka
const plan = aPlan({ source: { topic, format: 'json' } })
const inPool = memoryStore()
const facts = { operation: 'PUT', bucket: 'b', key: 'k', detail: 'away' }
const signal = new AbortController().signal
let broker: Broker
let pool: IngestPool

beforeAll(async () => {
  broker = await connectBroker({ brokers })
  await broker.createTopic({ topic, partitions: 1 })
  await sendEvents({ brokers, topic, events: [...demoEvents(EVENTS), { value: 'not JSON' }] })
  const putIfAbsent: Store['putIfAbsent'] = (key, bytes) =>
    key.includes('/broken/') ? Promise.reject(failure('STORE_UNAVAILABLE', facts)) : inPool.putIfAbsent(key, bytes)
  pool = openIngestPool({ config, endpoints }, { ...inPool, putIfAbsent })
})

afterAll(async () => {
  await pool.close()
  await broker.close()
})

test('a thread writes the same objects', async () => {
  const job = { plan, sourceId: 'demo', range: { topic, partition: 0, start: 3, end: EVENTS + 1 } }
  const here = memoryStore()
  const { maxRangeBytes, maxRangeRows } = config
  const limits = { maxRangeBytes, maxRangeRows }
  const expected = await ingestRangeHere({ store: here, broker, limits })(job, { signal })
  expect(expected.length).toBeGreaterThan(2) // several pieces
  expect(await pool.ingestRange(job, { signal })).toEqual(expected)
  for await (const key of here.list('')) expect(await inPool.get(key), key).toEqual(await here.get(key))
})

test('failures of the store keep code and facts', async () => {
  const range = { topic, partition: 0, start: 0, end: 5 }
  const reading = pool.ingestRange({ plan, sourceId: 'broken', range }, { signal })
  await expect(reading).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', facts })
})

test('the limit of an event is a setting', async () => {
  const strict = openIngestPool({ config: { ...config, maxRecordBytes: 40 }, endpoints }, inPool)
  const range = { topic, partition: 0, start: 0, end: 5 }
  const reading = strict.ingestRange({ plan, sourceId: 'strict', range }, { signal }).finally(() => strict.close())
  await expect(reading).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', facts: { topic, expected: 40 } })
})

test('a cancelled read ends', async () => {
  const controller = new AbortController()
  const range = { topic, partition: 0, start: 0, end: EVENTS }
  const reading = pool.ingestRange({ plan, sourceId: 'cancelled', range }, { signal: controller.signal })
  controller.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
})
