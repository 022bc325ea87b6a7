// Append-only chains: the entry, and what a snapshot of a source adds.
import type { OffsetRange, RangeResult } from './segment.ts'

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
  /** the chain's name: derived from cluster, topic and event schema */
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
  /** totals after this entry */
  readonly rows: number
  readonly rejects: number
}

/** Offsets [start, end) of a partition that snapshots account for. */
export type Coverage = Pick<OffsetRange, 'partition' | 'start' | 'end'>

export interface SnapshotRef extends ChainRef {
  readonly source: SourceRef
  readonly rows: number
  readonly rejects: number
}
