// The twin in memory keeps the Broker's promises.
import { expect, test } from 'vitest'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import { describeBroker } from './broker.suite.ts'

describeBroker('memoryBroker', async () => {
  const broker = memoryBroker()
  let topics = 0
  return {
    broker,
    send: async (topic, partition, records) => void broker.append(topic, partition, records),
    deleteBefore: async (topic, partition, offset) => broker.deleteBefore(topic, partition, offset),
    deleteTopic: async (topic) => broker.dropTopic(topic),
    groupOffsets: async (group, topic) => {
      const next = Array.from(
        broker.published(group),
        ([key, offset]) => [Number(key.slice(topic.length + 1)), offset] as const,
      )
      return new Map(next)
    },
    newTopicName: () => `topic-${topics++}`,
  }
})

test('holes are explained by kind', async () => {
  const broker = memoryBroker()
  await broker.createTopic({ topic: 't', partitions: 1 })
  broker.append('t', 0, [{ value: 'a' }])
  broker.appendHole('t', 0, 'aborted', 2)
  broker.appendHole('t', 0, 'control', 1)
  broker.append('t', 0, [{ value: 'b' }])
  expect(await broker.readRange({ topic: 't', partition: 0, start: 0, end: 5 }, () => {})).toMatchObject({
    records: 2,
    holes: [
      { kind: 'aborted', start: 1, end: 3 },
      { kind: 'control', start: 3, end: 4 },
    ],
  })
})
