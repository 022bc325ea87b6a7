// A broker that is connected when it is first needed: a worker starts, trains and asks people without Kafka.
import type { Broker } from '../stream/broker.ts'

/** `connect` is called again after it failed. */
export function lazyBroker(connect: () => Promise<Broker>): Broker {
  let connecting: Promise<Broker> | undefined
  const connected = (): Promise<Broker> => {
    connecting ??= connect().catch((error) => {
      connecting = undefined
      throw error
    })
    return connecting
  }
  return {
    clusterId: async () => (await connected()).clusterId(),
    topicEnds: async (topic) => (await connected()).topicEnds(topic),
    topicLog: async (topic) => (await connected()).topicLog(topic),
    epochEnds: async (topic, epochs) => (await connected()).epochEnds(topic, epochs),
    publishOffsets: async (group, topic, offsets) => (await connected()).publishOffsets(group, topic, offsets),
    createTopic: async (options) => (await connected()).createTopic(options),
    async *readPieces(range, openSink, options) {
      yield* (await connected()).readPieces(range, openSink, options)
    },
    readRange: async (range, sink, options) => (await connected()).readRange(range, sink, options),
    async close() {
      const broker = await connecting?.catch(() => undefined)
      await broker?.close()
    },
  }
}
