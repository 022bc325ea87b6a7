// What all fault tests share: a topic that is filled once, lakes under prefixes of their own, and the proof after each test.
import { randomUUID } from 'node:crypto'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { openS3Store, type S3Options, type S3Store } from '../../lake/store/s3.ts'
import type { Store } from '../../lake/store/store.ts'
import { verifyLake } from '../../lake/upkeep/verify.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import type { Plan } from '../../schemas/plan.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import type { Broker } from '../../stream/broker.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { connectKafka, createTopic } from '../stream/live-kafka.ts'
import { aPlan } from '../workflows/builders.ts'

/** Events per partition; every seventh does not decode. */
const EVENTS = [14, 9] as const
const OFFSETS = EVENTS[0] + EVENTS[1]
export const MAX_RANGE_ROWS = 4

export interface Ground {
  readonly endpoints: Endpoints
  readonly plan: Plan
  readonly broker: Broker
  readonly sourceId: string
  /** A lake of its own; `endpoint`: through a proxy. */
  openLake(prefix: string, endpoint?: string, options?: Omit<S3Options, 'prefix'>): S3Store
  close(): Promise<void>
}

export async function openGround(endpoints: Endpoints): Promise<Ground> {
  const topic = `faults-${randomUUID()}`
  await fill(topic, endpoints)
  const broker = await connectBroker({ brokers: endpoints.kafka.brokers, clientId: 'faults' })
  const plan = aPlan({ source: { topic, format: 'json' } })
  const stores: S3Store[] = []
  const openLake: Ground['openLake'] = (prefix, endpoint, options = {}) => {
    const place = endpoint === undefined ? endpoints.s3 : { ...endpoints.s3, endpoint }
    const store = openS3Store(place, { prefix, ...options })
    stores.push(store)
    return store
  }
  await openLake('').ensureBucket()
  return {
    endpoints,
    plan,
    broker,
    openLake,
    sourceId: sourceOf(plan, '').id,
    async close() {
      for (const store of stores) store.close()
      await broker.close()
    },
  }
}

async function fill(topic: string, endpoints: Endpoints): Promise<void> {
  await createTopic(endpoints.kafka.brokers, topic, EVENTS.length)
  const kafka = await connectKafka(endpoints.kafka.brokers)
  try {
    for (const [partition, count] of EVENTS.entries()) {
      const messages = Array.from({ length: count }, (_, i) => ({ partition, value: eventOf(i) }))
      await kafka.producer.send({ topic, messages })
    }
  } finally {
    await kafka.close()
  }
}

const eventOf = (i: number): string =>
  i % 7 === 6 ? 'not JSON' : JSON.stringify({ id: `e${i}`, x: i / 3, y: i % 2 === 0 })

/**
 * The same broker whose topic seems to grow: each look at its ends shows more, until all of it is there. All writers share it,
 * so that the ends never go back. Makes several commits out of one filled topic.
 */
export function growing(broker: Broker, looks: number): Broker {
  let look = 0
  return {
    ...broker,
    async topicEnds(topic) {
      const share = Math.min(1, ++look / looks)
      const ends = await broker.topicEnds(topic)
      return ends.map((end) => ({ ...end, lastStableOffset: Math.ceil(end.lastStableOffset * share) }))
    },
  }
}

/** Everything that is not as it must be: each offset once, all offsets there. Empty: exactly once was kept. */
export async function violations(store: Store, { sourceId }: Pick<Ground, 'sourceId'>): Promise<string[]> {
  const { source, problems } = await verifyLake(store, { sourceId })
  const head = await headSnapshot({ store, source: { id: sourceId } })
  const found = problems.map(({ code, message, key, referredBy }) => `${code}: ${message} (${key}, ${referredBy})`)
  const ends = (head?.coverage ?? []).map(({ start, end }) => `${start}-${end}`).join(' ')
  if (ends !== EVENTS.map((count) => `0-${count}`).join(' ')) found.push(`covered: ${ends}`)
  if (source.rows + source.rejects !== OFFSETS) found.push(`${source.rows} rows + ${source.rejects} rejects`)
  return found
}
