// What kafkajs does not ask: topic ids, leader epochs, and how far a log is still the one of an epoch.
import type { TopicLog } from '../../../schemas/manifest.ts'
import {
  decodeEpochsResponse,
  ENDS_OF_EPOCHS,
  type EpochEnd,
  type EpochQuestion,
  encodeEpochsRequest,
} from './epochs.ts'
import { decodeMetadataResponse, encodeMetadataRequest, type Leader, METADATA, type TopicMetadata } from './metadata.ts'
import type { Broker, Cluster } from './types.ts'
import { type ApiCall, protocolError, rawRequest } from './wire.ts'

/** By partition; empty: the brokers are too old to name epochs. */
export type Leaders = ReadonlyMap<number, Leader>

const LEADER_NOT_AVAILABLE = 5
// zeros: brokers that could give ids, in a cluster that keeps to an older protocol
const NO_ID = Buffer.alloc(16).toString('base64url')
const REQUEST_TIMEOUT_MS = 30_000

/** From the brokers' newer answer where they give it, else as kafkajs knows it, without an epoch. */
export function leaderOf(
  cluster: Cluster,
  { topic, partition, leaders }: { readonly topic: string; readonly partition: number; readonly leaders: Leaders },
): Leader {
  const leader = leaders.get(partition)
  if (leader !== undefined && leader.node >= 0) return leader
  if (leaders.size > 0) throw protocolError(LEADER_NOT_AVAILABLE)
  const [node] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  return { node: Number(node ?? -1), epoch: -1 }
}

/** null: the brokers are too old for topic ids. */
export async function readMetadata(cluster: Cluster, topic: string): Promise<TopicMetadata | null> {
  const broker = await cluster.brokerPool.findConnectedBroker()
  if (!speaks(broker, METADATA)) return null
  const metadata = await sendRaw(broker, {
    call: METADATA,
    body: encodeMetadataRequest(topic),
    decode: decodeMetadataResponse,
  })
  if (metadata.errorCode !== 0) throw protocolError(metadata.errorCode)
  return metadata
}

export function leadersOf(metadata: TopicMetadata | null): Leaders {
  return metadata?.leaders ?? new Map()
}

export function logOf(metadata: TopicMetadata | null): TopicLog {
  if (metadata === null) return { topicId: null, epochs: [] }
  const { leaders } = metadata
  const topicId = metadata.topicId === NO_ID ? null : metadata.topicId
  const epochs = Array.from({ length: Math.max(-1, ...leaders.keys()) + 1 }, (_, i) => leaders.get(i)?.epoch ?? -1)
  return { topicId, epochs }
}

/** Asks each partition's leader, as its leader: one that has been replaced refuses. Empty where the brokers do not know the question. */
export async function readEpochEnds(
  cluster: Cluster,
  topic: string,
  questions: readonly EpochQuestion[],
): Promise<EpochEnd[]> {
  const leaders = leadersOf(await readMetadata(cluster, topic))
  const byNode = new Map<number, EpochQuestion[]>()
  for (const question of questions) {
    const { partition } = question
    if (leaders.size > 0 && !leaders.has(partition)) continue // the topic has fewer partitions by now
    const { node, epoch: currentEpoch } = leaderOf(cluster, { topic, partition, leaders })
    byNode.set(node, [...(byNode.get(node) ?? []), { ...question, currentEpoch }])
  }
  const answers = await Promise.all(
    Array.from(byNode, async ([node, asked]) => {
      const broker = await cluster.findBroker({ nodeId: String(node) })
      if (!speaks(broker, ENDS_OF_EPOCHS)) return []
      const body = encodeEpochsRequest(topic, asked)
      return sendRaw(broker, { call: ENDS_OF_EPOCHS, body, decode: decodeEpochsResponse })
    }),
  )
  const ends = answers.flat()
  const failed = ends.find(({ errorCode }) => errorCode !== 0)
  if (failed !== undefined) throw protocolError(failed.errorCode)
  return ends
}

function speaks({ versions }: Broker, { apiKey, apiVersion }: ApiCall): boolean {
  const range = versions?.[apiKey]
  return range !== undefined && range.minVersion <= apiVersion && apiVersion <= range.maxVersion
}

function sendRaw<Answer>(
  broker: Broker,
  { call, body, decode }: { readonly call: ApiCall; readonly body: Buffer; readonly decode: (bytes: Buffer) => Answer },
): Promise<Answer> {
  return broker.connectionPool.send({
    request: rawRequest(call, body),
    response: { decode: async (bytes) => decode(bytes), parse: async (answer) => answer },
    requestTimeout: REQUEST_TIMEOUT_MS,
    logResponseError: false,
  })
}
