// Sends events to a topic: every event once, acknowledged by all replicas.
import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { CompressionTypes, Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs'
import { compressFrame } from 'lz4-napi'
import type { KafkaEndpoint } from '../../schemas/endpoints.ts'
import { asFailure, isUnknownTopic } from './broker-errors.ts'
import { repairKafkajs } from './kafkajs/repairs.ts'
import { clientSecurity } from './kafkajs/security.ts'

export interface OutgoingEvent {
  readonly key?: string
  /** null: a tombstone */
  readonly value: string | Uint8Array | null
  /** milliseconds since the epoch; default: when it is sent */
  readonly timestamp?: number
}

// one request stays far below the broker's default limit of 1 MiB per batch
const BATCH_EVENTS = 2000
const BATCH_BYTES = 512 * 1024
// together about a minute, in which a broker may be restarted
const RETRY = { retries: 20, initialRetryTime: 200, multiplier: 2, factor: 0.2, maxRetryTime: 4000 }

/**
 * Sends the events in order, in batches, and resolves when all of them are stored.
 * Idempotent within one call: a batch whose answer was lost is sent again and counts once. Throws TOPIC_UNKNOWN, BROKER_UNAVAILABLE.
 */
export async function sendEvents({
  brokers,
  security,
  topic,
  events,
  compression = 'lz4',
  onProgress,
}: KafkaEndpoint & {
  readonly topic: string
  readonly events: Iterable<OutgoingEvent>
  readonly compression?: 'lz4' | 'none'
  /** number of events stored so far, after every batch */
  readonly onProgress?: (sent: number) => void
}): Promise<{ readonly sent: number }> {
  registerLz4()
  repairKafkajs()
  const settings = { brokers: [...brokers], clientId: 'sluice', logLevel: logLevel.NOTHING, retry: RETRY }
  const kafka = new Kafka({ ...settings, ...clientSecurity(security) })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: RETRY,
  })
  try {
    const partitions = await partitionsOf(kafka, topic)
    await producer.connect()
    return { sent: await sendBatches({ producer, topic, events, partitions, compression, onProgress }) }
  } catch (error) {
    throw asFailure(error, brokers, topic)
  } finally {
    await producer.disconnect().catch(() => {})
  }
}

interface Sending {
  readonly producer: Producer
  readonly topic: string
  readonly events: Iterable<OutgoingEvent>
  readonly partitions: number
  readonly compression: 'lz4' | 'none'
  readonly onProgress: ((sent: number) => void) | undefined
}

async function sendBatches({ producer, topic, events, partitions, compression, onProgress }: Sending): Promise<number> {
  const type = compression === 'lz4' ? CompressionTypes.LZ4 : CompressionTypes.None
  let sent = 0
  for (const messages of batchesOf(events, partitions)) {
    await producer.send({ topic, acks: -1, compression: type, messages })
    sent += messages.length
    onProgress?.(sent)
  }
  return sent
}

/**
 * Events without a key are dealt out by number. kafkajs would deal a batch out anew when it sends it again,
 * to other partitions than the first time, where the broker cannot tell that it has them already.
 */
function* batchesOf(events: Iterable<OutgoingEvent>, partitions: number): Generator<Message[]> {
  let batch: Message[] = []
  let bytes = 0
  let index = 0
  for (const { key, value, timestamp } of events) {
    batch.push({
      value: value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value,
      ...(key === undefined ? { partition: index % partitions } : { key }),
      timestamp: String(timestamp ?? Date.now()),
    })
    index++
    bytes += (value?.length ?? 0) + (key?.length ?? 0)
    if (batch.length >= BATCH_EVENTS || bytes >= BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
  }
  if (batch.length > 0) yield batch
}

const UNKNOWN_TOPIC_TRIES = 4
const UNKNOWN_TOPIC_PAUSE_MS = 500

async function partitionsOf(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin({ retry: { ...RETRY, retries: 5 } })
  await admin.connect()
  try {
    for (let tries = 1; ; tries++) {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
        return topics[0]!.partitions.length
      } catch (error) {
        // metadata of a broker that has just started may lack topics for a moment
        if (!isUnknownTopic(error) || tries === UNKNOWN_TOPIC_TRIES) throw error
        await delay(UNKNOWN_TOPIC_PAUSE_MS)
      }
    }
  } finally {
    await admin.disconnect()
  }
}

let registered = false

/** kafkajs ships gzip only; other codecs are registered for the whole process. */
function registerLz4(): void {
  if (registered) return
  registered = true
  kafkajs.CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder: { readonly buffer: Buffer }) => compressFrame(encoder.buffer),
    decompress: async () => {
      throw new Error('sluice reads through its own decoder')
    },
  })
}
