// With kafkajs-repairs.ts the one file that reaches into kafkajs 2.2.4: a connection that fetches raw bytes at an exact offset, which its public interface lacks.
import { createRequire } from 'node:module'
import { decodeFetchResponse, type FetchAnswer } from './fetch-response.ts'
import { repairKafkajs } from './kafkajs-repairs.ts'

/** A cluster connection for one topic. Errors are kafkajs's own; broker-errors.ts sorts them. */
export interface TopicLink {
  /** Connects where needed and asks for metadata again: leaders move, brokers come back. */
  refresh(): Promise<void>
  partitions(): Promise<readonly number[]>
  /** latest: the last stable offset, since every request is read_committed; earliest: the log's start. */
  offsets(which: 'earliest' | 'latest', partitions: readonly number[]): Promise<ReadonlyMap<number, number>>
  fetch(request: FetchRequest): Promise<FetchAnswer>
  close(): Promise<void>
}

export interface FetchRequest {
  readonly partition: number
  readonly offset: number
  /** a larger batch still comes whole */
  readonly maxBytes: number
  /** how long the broker may wait when it has nothing */
  readonly maxWaitMs: number
}

export interface Address {
  readonly brokers: readonly string[]
  readonly clientId: string
}

const FETCH_VERSION = 11
const METADATA_VERSION = 5
const READ_COMMITTED = 1
const CONNECTION_TIMEOUT_MS = 3000
const REQUEST_TIMEOUT_MS = 30_000
const METADATA_MAX_AGE_MS = 300_000

const load = createRequire(import.meta.url)

/**
 * Opens nothing yet: every call connects where needed, and tries once, so that the caller alone decides how long to go on.
 * One link per topic: kafkajs fails a metadata request as a whole when one of its topics was deleted or has no leader.
 */
export function openLink({ topic, ...address }: Address & { readonly topic: string }): TopicLink {
  const cluster = newCluster(address)
  const ready = async (): Promise<void> => {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
  }
  return {
    refresh: async () => {
      await ready()
      await cluster.refreshMetadata()
    },
    partitions: async () => {
      await ready()
      // asked anew each time: kafkajs would go on with the partitions that it saw first, and added ones would never be read
      await cluster.refreshMetadata()
      return cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
    },
    offsets: async (which, partitions) => {
      await ready()
      return listOffsets(cluster, { topic, which, partitions })
    },
    fetch: async (request) => {
      await ready()
      return fetchRaw(cluster, topic, request)
    },
    close: () => cluster.disconnect(),
  }
}

/** The cluster's id, by one request on a connection of its own. */
export async function readClusterId(address: Address): Promise<string> {
  const cluster = newCluster(address)
  try {
    await cluster.connect()
    const { requests } = load('kafkajs/src/protocol/requests') as RequestsModule
    // of a topic that need not exist: asking for none means all, and kafkajs's parser, which is left out here, fails if one of them has no leader
    const metadata = requests.Metadata.protocol({ version: METADATA_VERSION })({
      topics: ['_'],
      allowAutoTopicCreation: false,
    })
    const { clusterId } = await cluster.brokerPool.seedBroker.connectionPool.send({
      request: metadata.request,
      response: { decode: (bytes) => metadata.response.decode(bytes), parse: async (decoded) => decoded },
      requestTimeout: REQUEST_TIMEOUT_MS,
      logResponseError: false,
    })
    return clusterId
  } finally {
    await cluster.disconnect()
  }
}

function newCluster({ brokers, clientId }: Address): Cluster {
  repairKafkajs()
  const { createLogger, LEVELS } = load('kafkajs/src/loggers') as LoggersModule
  return new (load('kafkajs/src/cluster') as ClusterModule)({
    logger: createLogger({ level: LEVELS.NOTHING, logCreator: load('kafkajs/src/loggers/console') }),
    socketFactory: (load('kafkajs/src/network/socketFactory') as () => unknown)(),
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    isolationLevel: READ_COMMITTED,
    retry: { retries: 0 },
  })
}

async function listOffsets(
  cluster: Cluster,
  asked: { readonly topic: string; readonly which: 'earliest' | 'latest'; readonly partitions: readonly number[] },
): Promise<ReadonlyMap<number, number>> {
  const { topic, which, partitions } = asked
  const answers = await cluster.fetchTopicsOffset([
    { topic, partitions: partitions.map((partition) => ({ partition })), fromBeginning: which === 'earliest' },
  ])
  return new Map(answers.flatMap((answer) => answer.partitions.map((p) => [p.partition, Number(p.offset)] as const)))
}

async function fetchRaw(cluster: Cluster, topic: string, request: FetchRequest): Promise<FetchAnswer> {
  const { partition, offset, maxBytes, maxWaitMs } = request
  const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  const broker = await cluster.findBroker({ nodeId: leader ?? '-1' })
  const { requests } = load('kafkajs/src/protocol/requests') as RequestsModule
  const protocol = requests.Fetch.protocol({ version: FETCH_VERSION })({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: maxWaitMs,
    minBytes: 1,
    maxBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
    rackId: '',
  })
  return broker.connectionPool.send({
    request: protocol.request,
    response: { decode: async (bytes) => decodeFetchResponse(bytes), parse: async (answer) => answer },
    requestTimeout: REQUEST_TIMEOUT_MS + maxWaitMs,
    logResponseError: false,
  })
}

/** kafkajs's error for a protocol error code, as its own parser would throw. */
export function protocolError(code: number): Error {
  const { createErrorFromCode } = load('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
  return createErrorFromCode(code)
}

// ── the types of what is used above; kafkajs declares only its public interface

interface Cluster {
  readonly brokerPool: { readonly seedBroker: Broker }
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[]
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>
  findBroker(options: { readonly nodeId: string }): Promise<Broker>
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number }[]
      readonly fromBeginning: boolean
    }[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>
}

interface Broker {
  readonly connectionPool: {
    send<Decoded>(options: {
      readonly request: unknown
      readonly response: {
        decode(bytes: Buffer): Promise<Decoded>
        parse(decoded: Decoded): Promise<Decoded>
      }
      readonly requestTimeout: number
      readonly logResponseError: boolean
    }): Promise<Decoded>
  }
}

type ClusterModule = new (options: Readonly<Record<string, unknown>>) => Cluster
interface LoggersModule {
  createLogger(options: { readonly level: number; readonly logCreator: unknown }): unknown
  readonly LEVELS: { readonly NOTHING: number }
}
interface RequestsModule {
  readonly requests: {
    readonly Metadata: {
      protocol(options: { readonly version: number }): (request: Readonly<Record<string, unknown>>) => {
        readonly request: unknown
        readonly response: { decode(bytes: Buffer): Promise<{ readonly clusterId: string }> }
      }
    }
    readonly Fetch: {
      protocol(options: {
        readonly version: number
      }): (request: Readonly<Record<string, unknown>>) => { readonly request: unknown }
    }
  }
}
