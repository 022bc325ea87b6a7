// A real broker keeps the Broker's promises.
import { afterAll, inject } from 'vitest'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { connectKafka, deleteBefore, type LiveKafka, newTopicName } from '../stream/live-kafka.ts'
import { describeBroker } from './broker.suite.ts'

const { brokers } = inject('endpoints').kafka
let kafka: LiveKafka | undefined
afterAll(() => kafka?.close())

describeBroker('connectBroker', async () => {
  kafka = await connectKafka(brokers)
  const { admin, producer } = kafka
  return {
    broker: await connectBroker({ brokers }),
    send: async (topic, partition, records) => {
      const messages = records.map(({ key = null, value, timestamp }) => ({
        partition,
        key: key as string | null,
        value: value as string | null,
        timestamp: String(timestamp),
      }))
      await producer.send({ topic, messages })
    },
    deleteBefore: (topic, partition, offset) => deleteBefore(admin, topic, partition, offset),
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    groupOffsets: async (groupId, topic) => {
      const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return new Map(answer!.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    },
    newTopicName,
  }
})
