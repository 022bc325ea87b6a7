// Events of any source to Kafka: the producer takes what is at hand, a file or stdin comes line by line.
import type { KafkaEndpoint } from '../schemas/endpoints.ts'
import type { DemoEvent } from '../schemas/event.ts'
import { sendEvents } from '../stream/kafka/producer.ts'

type Event = Omit<DemoEvent, 'key'> & Partial<Pick<DemoEvent, 'key'>>

/** Lines of an endless source that are held before they are sent. */
const HELD_EVENTS = 10_000

export interface SendInBatches {
  readonly kafka: KafkaEndpoint
  readonly topic: string
  readonly events: Iterable<Event> | AsyncIterable<Event>
  /** events acknowledged so far */
  readonly onProgress?: (sent: number) => void
}

/** Sends all events; resolves when every one is acknowledged by all replicas. */
export async function sendInBatches({ kafka, topic, events, onProgress }: SendInBatches): Promise<{ sent: number }> {
  if (Symbol.iterator in events) return sendEvents({ ...kafka, topic, events, ...(onProgress && { onProgress }) })
  let sent = 0
  for await (const held of inGroups(events)) {
    const before = sent
    const result = await sendEvents({
      ...kafka,
      topic,
      events: held,
      onProgress: (count) => onProgress?.(before + count),
    })
    sent += result.sent
  }
  return { sent }
}

async function* inGroups(events: AsyncIterable<Event>): AsyncIterable<Event[]> {
  let held: Event[] = []
  for await (const event of events) {
    held.push(event)
    if (held.length < HELD_EVENTS) continue
    yield held
    held = []
  }
  if (held.length > 0) yield held
}
