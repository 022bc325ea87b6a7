// A connection that fetches raw bytes at an exact offset, by the inside of kafkajs 2.2.4: its public interface lacks it.
import { createRequire } from 'node:module'
import type { KafkaSecurity } from '../../../schemas/endpoints.ts'
import type { TopicLog } from '../../../schemas/manifest.ts'
import { decodeFetchResponse, type FetchAnswer } from '../fetch-response.ts'
import type { EpochEnd, EpochQuestion } from './epochs.ts'
import { type Leaders, leaderOf, leadersOf, logOf, readEpochEnds, readMetadata } from './log.ts'
import type { Leader } from './metadata.ts'
import { repairKafkajs } from './repairs.ts'
import { clientSecurity } from './security.ts'
import type { Cluster, ClusterModule, LoggersModule, RequestsModule } from './types.ts'

/** A cluster connection for one topic. Errors are kafkajs's own; broker-errors.ts sorts them. */
export interface TopicLink {
  /** Connects where needed and asks for metadata again: leaders move, brokers come back. */
  refresh(): Promise<void>
  partitions(): Promise<readonly number[]>
  /** latest: the last stable offset, since every request is read_committed; earliest: the log's start. */
  offsets(which: 'earliest' | 'latest', partitions: readonly number[]): Promise<ReadonlyMap<number, number>>
  fetch(request: FetchRequest): Promise<FetchAnswer>
  /** What tells this log from another one; of brokers that do not say, `{ topicId: null, epochs: [] }`. */
  log(): Promise<TopicLog>
  /** Empty when the brokers do not know the question. */
  epochEnds(questions: readonly EpochQuestion[]): Promise<readonly EpochEnd[]>
  /** Stores a group's offsets, as somebody who is no member of it. */
  commitOffsets(groupId: string, offsets: ReadonlyMap<number, number>): Promise<void>
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
  /** default: plain text, nobody logs in */
  readonly security?: KafkaSecurity | undefined
}

const FETCH_VERSION = 11
const METADATA_VERSION = 5
const READ_COMMITTED = 1
const CONNECTION_TIMEOUT_MS = 3000
const REQUEST_TIMEOUT_MS = 30_000
// how a client without a membership commits
const NO_MEMBER = { groupGenerationId: -1, memberId: '' }
const METADATA_MAX_AGE_MS = 300_000

const load = createRequire(import.meta.url)

/**
 * Opens nothing yet: every call connects where needed, and tries once, so that the caller alone decides how long to go on.
 * One link per topic: kafkajs fails a metadata request as a whole when one of its topics was deleted or has no leader.
 */
export function openLink({ topic, ...address }: Address & { readonly topic: string }): TopicLink {
  const cluster = newCluster(address)
  // leaders with their epochs, from one answer: a fetch that names an older or newer epoch than its leader's is refused
  let leaders: Promise<Leaders> | undefined
  const ready = async (): Promise<void> => {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
  }
  const known = (): Promise<Leaders> => {
    leaders ??= readMetadata(cluster, topic).then(leadersOf)
    leaders.catch(() => {
      leaders = undefined
    })
    return leaders
  }
  return {
    refresh: async () => {
      leaders = undefined
      await ready()
      await cluster.refreshMetadata()
    },
    partitions: async () => {
      leaders = undefined
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
      const { partition } = request
      return fetchRaw(cluster, {
        topic,
        leader: leaderOf(cluster, { topic, partition, leaders: await known() }),
        request,
      })
    },
    log: async () => {
      await ready()
      return logOf(await readMetadata(cluster, topic))
    },
    epochEnds: async (questions) => {
      await ready()
      return readEpochEnds(cluster, topic, questions)
    },
    commitOffsets: async (groupId, offsets) => {
      await ready()
      const coordinator = await cluster.findGroupCoordinator({ groupId })
      const partitions = Array.from(offsets, ([partition, offset]) => ({ partition, offset: String(offset) }))
      await coordinator.offsetCommit({ ...NO_MEMBER, groupId, topics: [{ topic, partitions }] })
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

function newCluster({ brokers, clientId, security }: Address): Cluster {
  repairKafkajs()
  const { createLogger, LEVELS } = load('kafkajs/src/loggers') as LoggersModule
  return new (load('kafkajs/src/cluster') as ClusterModule)({
    logger: createLogger({ level: LEVELS.NOTHING, logCreator: load('kafkajs/src/loggers/console') }),
    socketFactory: (load('kafkajs/src/network/socketFactory') as () => unknown)(),
    brokers: [...brokers],
    clientId,
    ...clientSecurity(security),
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

async function fetchRaw(
  cluster: Cluster,
  { topic, leader, request }: { readonly topic: string; readonly leader: Leader; readonly request: FetchRequest },
): Promise<FetchAnswer> {
  const { partition, offset, maxBytes, maxWaitMs } = request
  const broker = await cluster.findBroker({ nodeId: String(leader.node) })
  const { requests } = load('kafkajs/src/protocol/requests') as RequestsModule
  const protocol = requests.Fetch.protocol({ version: FETCH_VERSION })({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: maxWaitMs,
    minBytes: 1,
    maxBytes,
    topics: [
      { topic, partitions: [{ partition, currentLeaderEpoch: leader.epoch, fetchOffset: String(offset), maxBytes }] },
    ],
    rackId: '',
  })
  return broker.connectionPool.send({
    request: protocol.request,
    response: { decode: async (bytes) => decodeFetchResponse(bytes), parse: async (answer) => answer },
    requestTimeout: REQUEST_TIMEOUT_MS + maxWaitMs,
    logResponseError: false,
  })
}
