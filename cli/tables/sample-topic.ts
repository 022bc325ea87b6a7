// The newest events of a topic as a sample.
import type { KafkaEndpoint } from '../../schemas/endpoints.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { copyValue } from '../../stream/record.ts'
import { newestOffsets } from './newest-offsets.ts'
import { eventOf, type Sample } from './sample.ts'

/** At most `rows` of the newest offsets, shared by the partitions; values as JSON. Throws what the broker throws, TOPIC_UNKNOWN among it. */
export async function sampleOfTopic(
  kafka: KafkaEndpoint,
  { topic, rows: wanted }: { readonly topic: string; readonly rows: number },
): Promise<Sample> {
  const broker = await connectBroker(kafka)
  try {
    const rows: unknown[] = []
    let broken = 0
    for (const { partition, start, end } of newestOffsets(await broker.topicEnds(topic), wanted)) {
      await broker.readRange({ topic, partition, start, end }, (record) => {
        const bytes = copyValue(record)
        if (bytes === null) return // a tombstone says nothing of its fields
        const event = eventOf(Buffer.from(bytes))
        if (event === null) broken++
        else rows.push(event)
      })
    }
    return { rows, broken }
  } finally {
    await broker.close()
  }
}
