// The broker's twin in memory, for tests: the same promises, no network.
import { failure } from '../../schemas/failures.ts'
import type { HoleKind, OffsetRange } from '../../schemas/segment.ts'
import type { Broker, PartitionEnds, ReadOptions } from '../broker.ts'
import { offsetsLost, wentBack } from '../range.ts'
import type { RecordSink } from '../record.ts'
import { explain, firstPiece, isComplete, type Ledger, openLedger, settle } from './gaps.ts'

export interface MemoryRecord {
  readonly key?: string | Uint8Array | null
  /** null: a tombstone */
  readonly value: string | Uint8Array | null
  /** milliseconds since the epoch; default: now */
  readonly timestamp?: number
}

export interface MemoryBroker extends Broker {
  /** Adds records at the end of a partition; returns the first one's offset. */
  append(topic: string, partition: number, records: readonly MemoryRecord[]): number
  /** Adds `count` offsets that hold no record. */
  appendHole(topic: string, partition: number, kind: HoleKind, count: number): void
  /** Moves the log's start, as retention does. */
  deleteBefore(topic: string, partition: number, offset: number): void
  /** Forgets the topic, as a deletion by hand does. */
  dropTopic(topic: string): void
  /** Ends the log at `offset` and begins a new leader epoch, as an unclean election does. */
  truncate(topic: string, partition: number, offset: number): void
  /** Offsets that were published for a group: `<topic>/<partition>` → next offset. */
  published(group: string): ReadonlyMap<string, number>
}

type Entry = StoredRecord | HoleKind

interface StoredRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
}

interface Log {
  logStart: number
  /** where each leader epoch began: its number is its place */
  readonly epochStarts: number[]
  readonly entries: Entry[]
}

interface Topic {
  readonly id: string
  readonly logs: readonly Log[]
}

export function memoryBroker({ clusterId = 'memory' }: { readonly clusterId?: string } = {}): MemoryBroker {
  const topics = new Map<string, Topic>()
  const groups = new Map<string, Map<string, number>>()
  let created = 0
  const topicOf = (topic: string): Topic => {
    const found = topics.get(topic)
    if (found === undefined) throw failure('TOPIC_UNKNOWN', { topic, brokers: clusterId })
    return found
  }
  const logsOf = (topic: string): readonly Log[] => topicOf(topic).logs
  const logOf = (topic: string, partition: number): Log => {
    const log = logsOf(topic)[partition]
    if (log === undefined) throw failure('TOPIC_UNKNOWN', { topic: `${topic}/${partition}`, brokers: clusterId })
    return log
  }
  return {
    clusterId: async () => clusterId,
    topicEnds: async (topic) => logsOf(topic).map(endsOf),
    topicLog: async (topic) => {
      const { id, logs } = topicOf(topic)
      return { topicId: id, epochs: logs.map(({ epochStarts }) => epochStarts.length - 1) }
    },
    epochEnds: async (topic, epochs) => endsOfEpochs(logsOf(topic), epochs),
    publishOffsets: async (group, topic, offsets) => {
      const next = groups.get(group) ?? new Map<string, number>()
      for (const { partition, offset } of offsets) next.set(`${topic}/${partition}`, offset)
      groups.set(group, next)
    },
    createTopic: async ({ topic, partitions }) => {
      if (topics.has(topic)) return 'exists'
      const logs = Array.from({ length: partitions }, () => ({ logStart: 0, epochStarts: [0], entries: [] }))
      topics.set(topic, { id: `topic-${++created}`, logs })
      return 'created'
    },
    readPieces: (range, openSink, options = {}) => readLog({ logOf, range, openSink, ...options }),
    readRange: (range, sink, options = {}) =>
      firstPiece(range, readLog({ logOf, range, openSink: () => sink, ...options })),
    close: async () => {},
    append: (topic, partition, records) => {
      const { entries } = logOf(topic, partition)
      const first = entries.length
      for (const record of records) entries.push(stored(record))
      return first
    },
    appendHole: (topic, partition, kind, count) => {
      const { entries } = logOf(topic, partition)
      for (let i = 0; i < count; i++) entries.push(kind)
    },
    deleteBefore: (topic, partition, offset) => {
      logOf(topic, partition).logStart = offset
    },
    dropTopic: (topic) => {
      topics.delete(topic)
    },
    truncate: (topic, partition, offset) => {
      const { entries, epochStarts } = logOf(topic, partition)
      entries.length = offset
      epochStarts.push(offset)
    },
    published: (group) => groups.get(group) ?? new Map(),
  }
}

function endsOfEpochs(logs: readonly Log[], epochs: readonly number[]): Map<number, number> {
  const ends = new Map<number, number>()
  for (const [partition, epoch] of epochs.entries()) {
    const log = logs[partition]
    if (epoch < 0 || log === undefined) continue
    const known = epoch < log.epochStarts.length
    // a later epoch that began further down has cut the ones before as well
    ends.set(partition, known ? Math.min(log.entries.length, ...log.epochStarts.slice(epoch + 1)) : -1)
  }
  return ends
}

function endsOf({ logStart, entries }: Log, partition: number): PartitionEnds {
  return { partition, logStart, lastStableOffset: entries.length }
}

interface LogToRead extends ReadOptions {
  readonly logOf: (topic: string, partition: number) => Log
  readonly range: OffsetRange
  readonly openSink: () => RecordSink
}

async function* readLog({ logOf, range, openSink, signal, maxBytes }: LogToRead): ReturnType<Broker['readPieces']> {
  const { topic, partition, end } = range
  for (let { start } = range; start < end; ) {
    signal?.throwIfAborted()
    const log = logOf(topic, partition)
    if (log.logStart > start) throw offsetsLost(topic, [{ partition, start, logStart: log.logStart }])
    if (log.entries.length < end) throw wentBack(topic, partition, end, log.entries.length)
    const ledger = openLedger({ ...range, start }, maxBytes)
    readPiece(log, ledger, openSink())
    start = ledger.next
    yield settle(ledger)
  }
}

function readPiece({ entries }: Log, ledger: Ledger, sink: RecordSink): void {
  while (!isComplete(ledger)) {
    const offset = ledger.next
    const entry = entries[offset]!
    if (typeof entry === 'string') {
      explain(ledger, entry, offset + 1)
      continue
    }
    deliver(entry, offset, sink)
    ledger.next++
    ledger.records++
    ledger.bytes += (entry.key?.length ?? 0) + (entry.value?.length ?? 0)
  }
}

function deliver({ key, value, timestamp }: StoredRecord, offset: number, sink: RecordSink): void {
  const keyBytes = key ?? Buffer.alloc(0)
  sink({
    offset,
    timestamp,
    bytes: Buffer.concat([keyBytes, value ?? Buffer.alloc(0)]),
    keyStart: 0,
    keyLength: key?.length ?? -1,
    valueStart: keyBytes.length,
    valueLength: value?.length ?? -1,
    headersStart: keyBytes.length + (value?.length ?? 0),
    headersEnd: keyBytes.length + (value?.length ?? 0),
  })
}

function stored({ key = null, value, timestamp = Date.now() }: MemoryRecord): StoredRecord {
  return { key: bytesOf(key), value: bytesOf(value), timestamp }
}

function bytesOf(data: string | Uint8Array | null): Buffer | null {
  return data === null ? null : Buffer.from(data as Uint8Array)
}
