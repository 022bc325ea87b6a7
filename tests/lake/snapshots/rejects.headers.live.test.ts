// Headers of a record that does not decode, from a real broker to the rejects file and back.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readRejects } from '../../../lake/snapshots/segment.ts'
import { headSnapshot, snapshotSegments } from '../../../lake/snapshots/snapshots.ts'
import { openS3Store } from '../../../lake/store/s3.ts'
import { sourceOf } from '../../../stages/ingest/source.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import { headerValue } from '../../../stream/rows/headers.ts'
import { ingestToEnd } from '../../faults/writer.ts'
import { connectKafka, createTopic, type LiveKafka, newTopicName } from '../../stream/live-kafka.ts'
import { aPlan } from '../../workflows/builders.ts'

const { kafka: at, s3 } = inject('endpoints')
const store = openS3Store(s3, { prefix: `tests/${randomUUID()}/` })
let kafka: LiveKafka
beforeAll(async () => {
  await store.ensureBucket()
  kafka = await connectKafka(at.brokers)
})
afterAll(async () => {
  await kafka.close()
  store.close()
})

test('rejects keep the headers of their record', async () => {
  const topic = newTopicName()
  await createTopic(at.brokers, topic, 1)
  const headers = { tenant: 'nørd', trace: Buffer.from([0, 255]), empty: '' }
  await kafka.producer.send({ topic, messages: [{ value: 'not JSON', headers }, { value: 'neither' }] })
  const plan = aPlan({ source: { topic, format: 'json' } })
  const broker = await connectBroker({ brokers: at.brokers })
  await ingestToEnd({ store, broker, plan, name: 'w', maxRangeRows: 10, journal: { round: 1 } })
  await broker.close()

  const head = await headSnapshot({ store, source: sourceOf(plan, '') })
  const { rejects } = await snapshotSegments({ store, snapshot: head!.snapshot })
  const [first, second] = await readRejects(store, rejects[0]!)
  const valueIn = ({ headers: kept }: typeof first & {}, name: string) => {
    const bytes = Buffer.from(kept!)
    return headerValue({ bytes, headersStart: 0, headersEnd: bytes.length } as never, name)
  }
  expect(valueIn(first!, 'tenant')).toBe('nørd')
  expect(valueIn(first!, 'empty')).toBe('')
  expect(Buffer.from(first!.headers!).includes(Buffer.from([0, 255]))).toBe(true)
  expect(second!.headers).toEqual(new Uint8Array([0])) // a count of none
})
