// What data work needs besides the store, for a worker's main thread and for each of its ingest threads.
import type { Deps } from '../activities/deps.ts'
import type { Config } from '../core/config.ts'
import { openPersonalKey } from '../core/personal-key.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import type { Broker } from '../stream/broker.ts'
import { connectBroker } from '../stream/kafka/connect.ts'
import { schemaRegistry } from '../stream/schema-registry.ts'

export type DataClients = Pick<Deps, 'broker' | 'limits' | 'registry' | 'personalKey' | 'codec'>

/**
 * Per fetch. A reading thread holds two; one is decoded for a tenth of a second and more, in which the next one arrives, so that
 * larger ones only cost memory.
 */
const FETCH_BYTES = 4 * 1024 * 1024

/** Connects to the broker when it is first asked. */
export function openDataClients(settings: { readonly config: Config; readonly endpoints: Endpoints }): DataClients {
  const { config, endpoints } = settings
  const { maxBatchBytes, maxRecordBytes } = config
  const read = { fetchBytes: FETCH_BYTES, maxBatchBytes, maxRecordBytes }
  const broker = lazyBroker(() => connectBroker({ ...endpoints.kafka, clientId: 'sluice-worker', read }))
  const { maxRangeRows, maxRangeBytes, compactRanges, segmentCompression: codec } = config
  const limits = { maxRangeRows, maxRangeBytes, compactRanges }
  const personalKey = config.personalKey === undefined ? undefined : openPersonalKey(config.personalKey)
  const registry = config.schemaRegistry === null ? null : schemaRegistry(config.schemaRegistry)
  return { broker, limits, registry, personalKey, codec }
}

/**
 * A broker that is connected when it is first needed: a worker starts, trains and asks people without Kafka. `connect` is called again
 * after it failed.
 */
function lazyBroker(connect: () => Promise<Broker>): Broker {
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
