// The broker of a real cluster: ends, reads and topics through kafkajs's connections.
import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { KafkaEndpoint } from '../../schemas/endpoints.ts'
import type { TopicLog } from '../../schemas/manifest.ts'
import type { OffsetRange } from '../../schemas/segment.ts'
import type { Broker, NextOffset, PartitionEnds, ReadOptions, TopicOptions } from '../broker.ts'
import type { RecordSink } from '../record.ts'
import { asFailure, isUnknownTopic, mayPass } from './broker-errors.ts'
import { type FetchLink, READ_SETTINGS, type ReadSettings, readPieces } from './fetch.ts'
import { firstPiece } from './gaps.ts'
import { type Address, openLink, readClusterId, type TopicLink } from './kafkajs/link.ts'
import { repairKafkajs } from './kafkajs/repairs.ts'
import { clientSecurity } from './kafkajs/security.ts'
import { protocolError } from './kafkajs/wire.ts'
import { patiently } from './patience.ts'

export interface ConnectOptions extends KafkaEndpoint {
  /** default "sluice" */
  readonly clientId?: string
  /** how long requests other than reads wait for a broker that is away; default 10 s */
  readonly patienceMs?: number
  /** of reads; default 8 MiB fetches, 60 s of patience */
  readonly read?: Partial<ReadSettings>
}

// metadata of a broker that has just started may lack topics for a moment
const UNKNOWN_TOPIC_PATIENCE_MS = 2000
const PATIENCE_MS = 10_000
// kafkajs's ConfigResourceTypes.TOPIC, which Node cannot import by name
const TOPIC_RESOURCE = 2

interface Connection {
  readonly brokers: readonly string[]
  readonly address: Address
  readonly patienceMs: number
  readonly links: Map<string, TopicLink>
  readonly admin: () => Promise<Admin>
}

/** Connects to a cluster. Throws BROKER_UNAVAILABLE when none of the brokers answers within the patience. */
export async function connectBroker(options: ConnectOptions): Promise<Broker> {
  const { brokers, security, clientId = 'sluice', patienceMs = PATIENCE_MS } = options
  const address: Address = { brokers, clientId, security }
  const settings: ReadSettings = { ...READ_SETTINGS, ...options.read }
  const admin = lazyAdmin(address)
  const connection: Connection = { brokers, address, patienceMs, links: new Map(), admin: admin.get }
  const id = await request(connection, () => readClusterId(address))
  return {
    clusterId: async () => id,
    topicEnds: (topic) => topicEnds(connection, topic),
    topicLog: (topic) => topicLog(connection, topic),
    epochEnds: (topic, epochs) => epochEnds(connection, topic, epochs),
    publishOffsets: (group, topic, offsets) => publishOffsets(connection, { group, topic, offsets }),
    createTopic: (topic) => createTopic(connection, topic),
    readPieces: (range, openSink, options) => piecesOf({ connection, settings, range, openSink, ...options }),
    readRange: (range, sink, options) =>
      firstPiece(range, piecesOf({ connection, settings, range, openSink: () => sink, ...options })),
    close: async () => {
      await Promise.all([...connection.links.values()].map((link) => link.close()))
      await admin.close()
    },
  }
}

interface Pieces extends ReadOptions {
  readonly connection: Connection
  readonly settings: ReadSettings
  readonly range: OffsetRange
  readonly openSink: () => RecordSink
}

async function* piecesOf({ connection, ...reading }: Pieces): ReturnType<Broker['readPieces']> {
  const { topic } = reading.range
  try {
    yield* readPieces({ ...reading, link: fetchLink(connection, topic) })
  } catch (error) {
    throw asFailure(error, connection.brokers, topic)
  }
}

function linkTo({ links, address }: Connection, topic: string): TopicLink {
  const open = links.get(topic) ?? openLink({ ...address, topic })
  links.set(topic, open)
  return open
}

async function topicEnds(connection: Connection, topic: string): Promise<readonly PartitionEnds[]> {
  const link = linkTo(connection, topic)
  const partitions = await request(connection, () => link.partitions(), { topic, link })
  const ends = await request(connection, () => endsOf(link, partitions), { topic, link })
  return ends.toSorted((a, b) => a.partition - b.partition)
}

async function endsOf(link: TopicLink, partitions: readonly number[]): Promise<PartitionEnds[]> {
  // the end first: a log start that moves in between can only be seen too late, never too early
  const latest = await link.offsets('latest', partitions)
  const earliest = await link.offsets('earliest', partitions)
  return partitions.map((partition) => ({
    partition,
    logStart: earliest.get(partition)!,
    lastStableOffset: latest.get(partition)!,
  }))
}

function topicLog(connection: Connection, topic: string): Promise<TopicLog> {
  const link = linkTo(connection, topic)
  return request(connection, () => link.log(), { topic, link })
}

async function epochEnds(
  connection: Connection,
  topic: string,
  epochs: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const link = linkTo(connection, topic)
  const questions = epochs.map((epoch, partition) => ({ partition, epoch })).filter(({ epoch }) => epoch >= 0)
  const ends = await request(connection, () => link.epochEnds(questions), { topic, link })
  return new Map(ends.map(({ partition, end }) => [partition, end]))
}

async function publishOffsets(
  connection: Connection,
  published: { readonly group: string; readonly topic: string; readonly offsets: readonly NextOffset[] },
): Promise<void> {
  const { group, topic, offsets } = published
  const link = linkTo(connection, topic)
  const next = new Map(offsets.map(({ partition, offset }) => [partition, offset]))
  await request(connection, () => link.commitOffsets(group, next), { topic, link })
}

async function createTopic(connection: Connection, options: TopicOptions): Promise<'created' | 'exists'> {
  const { topic, partitions, settings = {} } = options
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const created = await adminRequest(connection, (admin) =>
    // kafkajs's own wait for leaders fails where a broker has not heard of the topic yet; the repetition would find that it exists
    admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: false }),
  )
  const link = linkTo(connection, topic)
  await request(connection, () => link.partitions(), { topic, link })
  return created ? 'created' : 'exists'
}

function fetchLink(connection: Connection, topic: string): FetchLink {
  const link = linkTo(connection, topic)
  return {
    brokers: connection.brokers,
    fetch: (fetch) => link.fetch(fetch),
    ends: async (partition) => (await endsOf(link, [partition]))[0]!,
    logEnd: async (partition) => {
      const { epochs } = await link.log()
      const [answer] = await link.epochEnds([{ partition, epoch: epochs[partition] ?? -1 }])
      return answer === undefined || answer.end < 0 ? null : answer.end
    },
    cleanupPolicy: async () => {
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: ['cleanup.policy'] }]
      const answer = await adminRequest(connection, (admin) =>
        admin.describeConfigs({ resources, includeSynonyms: false }),
      )
      return answer.resources[0]?.configEntries[0]?.configValue ?? ''
    },
    refresh: () => link.refresh(),
    errorOf: protocolError,
  }
}

/** One request that waits for brokers to come back; its errors are the catalogue's. */
async function request<T>(
  { brokers, patienceMs }: Connection,
  attempt: () => Promise<T>,
  of?: { readonly topic: string; readonly link: TopicLink },
): Promise<T> {
  const startMs = performance.now()
  const unknownForLong = (): boolean => performance.now() - startMs > UNKNOWN_TOPIC_PATIENCE_MS
  try {
    return await patiently(attempt, {
      patienceMs,
      signal: undefined,
      mayPass: (error) => mayPass(error) && !(isUnknownTopic(error) && unknownForLong()),
      recover: async () => of?.link.refresh(),
    })
  } catch (error) {
    throw asFailure(error, brokers, of?.topic)
  }
}

async function adminRequest<T>(connection: Connection, ask: (admin: Admin) => Promise<T>): Promise<T> {
  return request(connection, async () => ask(await connection.admin()))
}

/** kafkajs's admin client holds connections of its own: opened when first needed. */
function lazyAdmin(address: Address): { get(): Promise<Admin>; close(): Promise<void> } {
  const { brokers, clientId, security } = address
  let open: Promise<Admin> | undefined
  const connect = async (): Promise<Admin> => {
    repairKafkajs()
    const settings = { brokers: [...brokers], clientId, logLevel: logLevel.NOTHING, retry: { retries: 0 } }
    const kafka = new Kafka({ ...settings, ...clientSecurity(security) })
    const admin = kafka.admin()
    await admin.connect()
    return admin
  }
  return {
    get: () => {
      open ??= connect()
      open.catch(() => {
        open = undefined
      })
      return open
    },
    close: async () => {
      await (await open?.catch(() => undefined))?.disconnect()
    },
  }
}
