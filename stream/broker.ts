// The broker as sluice needs it: ends of a topic, exact reads, topics. `kafka/connect.ts` is a real cluster, `kafka/memory.ts` the twin.
import type { TopicLog } from '../schemas/manifest.ts'
import type { Hole, OffsetRange } from '../schemas/segment.ts'
import type { RecordSink } from './record.ts'

/** [logStart, lastStableOffset) is what can be read now: later offsets may belong to open transactions. */
export interface PartitionEnds {
  readonly partition: number
  readonly logStart: number
  readonly lastStableOffset: number
}

export interface TopicOptions {
  readonly topic: string
  /** ≥ 1 */
  readonly partitions: number
  /** the broker's names, e.g. { 'retention.ms': '-1' } */
  readonly settings?: Readonly<Record<string, string>>
}

export interface ReadOptions {
  /** its reason is thrown as soon as it is aborted */
  readonly signal?: AbortSignal | undefined
  /** a piece ends after the record whose key and value bytes reach this sum; default: the range is one piece */
  readonly maxBytes?: number | undefined
}

/** What became of a piece [start, end) of a range. */
export interface RangeRead {
  /** < range.end when maxBytes ended the piece */
  readonly end: number
  /** in order, disjoint, neighbours of one kind merged */
  readonly holes: readonly Hole[]
  readonly records: number
  /** key and value bytes of the records */
  readonly bytes: number
}

/** All methods throw BROKER_UNAVAILABLE after waiting for a broker that is away, BROKER_REFUSED for missing rights. */
export interface Broker {
  clusterId(): Promise<string>
  /** By partition. Throws TOPIC_UNKNOWN. */
  topicEnds(topic: string): Promise<readonly PartitionEnds[]>
  /** What tells the topic's log from another one of the same name. Throws TOPIC_UNKNOWN. */
  topicLog(topic: string): Promise<Pick<TopicLog, 'topicId' | 'epochs'>>
  /**
   * By partition, where records begin that are of a later leader epoch than the one given for it: below, the log is what it was then.
   * −1: the log knows no such epoch any more. A partition is missing when its epoch is negative or its broker too old to say.
   */
  epochEnds(topic: string, epochs: readonly number[]): Promise<ReadonlyMap<number, number>>
  /** For lag monitoring alone: nothing here reads them. Offsets are the next ones to be read. */
  publishOffsets(group: string, topic: string, offsets: readonly NextOffset[]): Promise<void>
  /** An existing topic stays as it is. */
  createTopic(options: TopicOptions): Promise<'created' | 'exists'>
  /**
   * The range as pieces that follow each other and cover it; a piece is read when it is asked for, from where the one before it ended.
   * Every record of a piece goes to the sink that `openSink` gives at its beginning, in order. The same range gives the same pieces
   * every time. See kafka/fetch.ts for what it throws.
   */
  readPieces(
    range: OffsetRange,
    openSink: () => RecordSink,
    options?: ReadOptions,
  ): AsyncGenerator<RangeRead, void, undefined>
  /** The first piece alone: the whole range without maxBytes. */
  readRange(range: OffsetRange, sink: RecordSink, options?: ReadOptions): Promise<RangeRead>
  close(): Promise<void>
}

/** The first offset of a partition that is not in the lake yet. */
export interface NextOffset {
  readonly partition: number
  readonly offset: number
}
