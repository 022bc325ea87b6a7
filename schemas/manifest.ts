// Append-only chains: the entry, and what a snapshot of a source adds.
import type { LossAcceptance, OffsetRange, RangeResult } from './segment.ts'

/** One link of a chain, stored at `<chain>/<20-digit version>.json` as canonical JSON, written with If-None-Match. */
export interface ChainEntry<Change> {
  /** 1 for the first */
  readonly version: number
  /** sha256 of the bytes of the entry before; null for the first */
  readonly parent: string | null
  /** chosen by the writer before its first attempt: how it knows its own commit after an ambiguous answer */
  readonly commitId: string
  readonly change: Change
}

/** Points at one entry and pins its bytes. */
export interface ChainRef {
  readonly chain: string
  readonly version: number
  readonly sha256: string
}

export interface SourceRef {
  /** names the chain `sources/<id>/snapshots`: the topic, and a digest of the source's settings and columns */
  readonly id: string
  readonly clusterId: string
  readonly topic: string
  /** sha256 of the canonical JSON of the columns */
  readonly columns: string
  /** id of the key that personal columns are hashed with; absent: there are none */
  readonly personalKey?: string
}

/**
 * append: what ingest commits; for every partition the ranges start where the chain's coverage ended.
 * compacted, replayed: each range stands from here on for the earlier ones that it covers, offset by offset; coverage stays.
 */
export interface SnapshotChange {
  readonly kind: 'append' | 'compacted' | 'replayed'
  readonly source: SourceRef
  readonly ranges: readonly RangeResult[]
  /** coverage after this entry: partition → [0 or log start, end) */
  readonly coverage: readonly Coverage[]
  /** the log that the coverage was read from; absent: entries from before it was asked for */
  readonly log?: TopicLog
  /** offsets that the lake has from a former log, and that a person accepted not to read again; the entry has no ranges then */
  readonly passedOver?: readonly PassedOver[]
  /** small ranges at the ends of partitions after this entry, for compaction; absent: entries from before they were counted */
  readonly small?: readonly SmallTail[]
  /** totals after this entry */
  readonly rows: number
  readonly rejects: number
}

/** Small ranges in force that follow each other up to the end of a partition's coverage. */
export interface SmallTail {
  readonly partition: number
  /** offset of the first one */
  readonly start: number
  readonly ranges: number
  /** of their files */
  readonly bytes: number
}

/** What tells the log of a topic from another one of the same name, and from itself after it was cut. */
export interface TopicLog {
  /** of the topic (KIP-516): one that is created again gets another; null: brokers before 2.8 have none */
  readonly topicId: string | null
  /** by partition: a leader epoch that began before the newest covered offset was read; −1: none is known */
  readonly epochs: readonly number[]
  /** partitions whose coverage is of the topic before it was created again, as long as nobody accepted that */
  readonly unaccepted?: readonly number[]
  /** by partition: where the log began when the chain's first entry was planned; one that came later begins at 0 */
  readonly began?: readonly number[]
}

/** Where reading a partition begins that a chain with this log has nothing of. */
export function firstOffset(log: TopicLog | undefined, partition: number): number {
  return log?.began?.[partition] ?? 0
}

/** Offsets [start, end) at which the log holds other records than the lake, which has them from the log as it was before. */
export interface PassedOver extends Coverage {
  /** recreated: the topic was deleted and created again. truncated: the log was cut and went on from there */
  readonly cause: 'recreated' | 'truncated'
  readonly accepted: LossAcceptance
}

/** Offsets [start, end) of a partition that snapshots account for. */
export type Coverage = Pick<OffsetRange, 'partition' | 'start' | 'end'>

/** Offsets of a partition below `end`, from the arrival before on, came into the lake with entry `version` of the chain. */
export interface Arrival {
  readonly partition: number
  readonly end: number
  readonly version: number
}

/** Offsets before those that the lake accounts for: they were gone from the topic before its first ingest. */
export function offsetsBefore(coverage: readonly Coverage[]): number {
  return coverage.reduce((total, { start }) => total + start, 0)
}

export interface SnapshotRef extends ChainRef {
  readonly source: SourceRef
  readonly rows: number
  readonly rejects: number
}
