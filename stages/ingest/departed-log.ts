// Where the log holds other records than the lake at the same offsets: the topic was created again, or its log was cut and written anew.
import type { HeadSnapshot } from '../../lake/snapshots/snapshots.ts'
import { isOtherTopic } from '../../lake/snapshots/topic-log.ts'
import { failure, isFailure } from '../../schemas/failures.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { PassedOver, SourceRef, TopicLog } from '../../schemas/manifest.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import type { Broker, PartitionEnds } from '../../stream/broker.ts'
import { replicasBehind } from '../../stream/range.ts'

/** Offsets [start, end) of the lake's coverage at which the log is another one now. */
export type Departure = Omit<PassedOver, 'accepted'>

export interface FoundTopic {
  readonly topic: string
  /** looked up after the head and before the ends */
  readonly log: TopicLog
  readonly ends: readonly PartitionEnds[]
}

export interface Comparison {
  /** by partition, at most one each */
  readonly departures: readonly Departure[]
  /** partitions whose log holds all that the lake covers, as it was read */
  readonly intact: ReadonlySet<number>
}

/** Both empty when the chain does not know yet which log it was filled from. */
export async function compareLog(
  broker: Pick<Broker, 'epochEnds'>,
  head: HeadSnapshot | null,
  { topic, log }: Omit<FoundTopic, 'ends'>,
): Promise<Comparison> {
  const intact = new Set<number>()
  if (head?.log === undefined) return { departures: [], intact }
  const ofFormer = (partition: number): boolean =>
    isOtherTopic(head.log, log) || (head.log?.unaccepted?.includes(partition) ?? false)
  const recreated = head.coverage.filter(({ partition }) => ofFormer(partition))
  if (recreated.length > 0)
    return { departures: recreated.map(({ partition, end }) => departure('recreated', partition, [0, end])), intact }
  const ends = await broker.epochEnds(topic, head.log.epochs)
  const departures: Departure[] = []
  for (const { partition, end } of head.coverage) {
    const found = ends.get(partition)
    if (found === undefined) continue
    if (found >= end) intact.add(partition)
    else departures.push(departure('truncated', partition, [Math.max(found, 0), end]))
  }
  return { departures, intact }
}

function departure(cause: Departure['cause'], partition: number, [start, end]: readonly [number, number]): Departure {
  return { cause, partition, start, end }
}

/**
 * Throws TOPIC_RECREATED or TOPIC_TRUNCATED, with the losses to accept; REPLICAS_BEHIND when the log is whole but cannot be read as far
 * as the lake has it. A departed log that ends before the lake's offsets do is left to planRanges, which says that offsets went back:
 * what the lake has could not be told from what is still to come.
 */
export function requireSameLog(
  { departures, intact }: Comparison,
  head: HeadSnapshot | null,
  { topic, log, ends }: FoundTopic,
): void {
  for (const { partition, end } of head?.coverage ?? []) {
    const stable = ends.find((one) => one.partition === partition)?.lastStableOffset ?? end
    if (intact.has(partition) && stable < end) throw replicasBehind(topic, partition, end, stable)
  }
  const [first] = departures
  if (first === undefined || departures.some((one) => !isRefilled(one, ends))) return
  const losses = departures.map(({ partition, start, end }) => `${topic}/${partition}/${start}-${end}`).join(' ')
  const { partition, start: found, end: expected } = first
  if (first.cause === 'truncated') throw failure('TOPIC_TRUNCATED', { topic, partition, expected, found, losses })
  throw failure('TOPIC_RECREATED', { topic, expected: formerId(head, log), found: log.topicId, losses })
}

/** After the first of its partitions was accepted, the chain names the new topic already. */
function formerId(head: HeadSnapshot | null, log: TopicLog): string {
  const id = head?.log?.topicId
  return id == null || id === log.topicId ? 'another one' : id
}

export function isRefilled({ partition, end }: Departure, ends: readonly PartitionEnds[]): boolean {
  return (ends.find((one) => one.partition === partition)?.lastStableOffset ?? 0) >= end
}

/**
 * Throws CHAIN_CONFLICT, so that the run plans again, when the topic was created again or its log was cut after `log` was looked up,
 * below what was read since: some of it may be of the one log and some of the other.
 */
export async function requireSameLogStill(
  broker: Pick<Broker, 'topicLog' | 'epochEnds'>,
  read: { readonly source: SourceRef; readonly log: TopicLog; readonly results: readonly RangeResult[] },
): Promise<void> {
  const { source, log, results } = read
  try {
    const now = await broker.topicLog(source.topic)
    const ends = await broker.epochEnds(source.topic, log.epochs)
    const isCut = results.some(({ range }) => (ends.get(range.partition) ?? range.end) < range.end)
    if (!isOtherTopic(log, now) && !isCut) return
  } catch (error) {
    // a topic that is gone cannot be read again: what was read of it is all there will ever be
    if (isFailure(error, 'TOPIC_UNKNOWN')) return
    throw error
  }
  throw failure('CHAIN_CONFLICT', { chain: snapshotChain(source.id), version: 'any: the log is another one' })
}
