// kafkajs's public clients against the broker of a live test: what writes the topics that the reader then reads.
import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { repairKafkajs } from '../../stream/kafka/kafkajs/repairs.ts'

export interface LiveKafka {
  readonly kafka: Kafka
  readonly admin: Admin
  /** idempotent, no transactions */
  readonly producer: Producer
  close(): Promise<void>
}

export async function connectKafka(brokers: readonly string[]): Promise<LiveKafka> {
  repairKafkajs()
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'test',
    logLevel: logLevel.NOTHING,
    retry: { retries: 10 },
  })
  const admin = kafka.admin()
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await Promise.all([admin.connect(), producer.connect()])
  return {
    kafka,
    admin,
    producer,
    close: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
  }
}

/** By the product's own client: kafkajs's wait for leaders fails where a broker has not heard of the topic yet. */
export async function createTopic(brokers: readonly string[], topic: string, partitions: number): Promise<void> {
  const broker = await connectBroker({ brokers })
  try {
    await broker.createTopic({ topic, partitions })
  } finally {
    await broker.close()
  }
}

export const newTopicName = (): string => `test-${randomUUID()}`

/** Deletes the records below an offset. */
export async function deleteBefore(admin: Admin, topic: string, partition: number, offset: number): Promise<void> {
  await admin.fetchTopicOffsets(topic) // kafkajs looks up the leader before it loads the topic's metadata
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
}
