// One immutable file of rows from one contiguous range of offsets, and what became of every other offset in it.
import { number, type Of, open, sha256, text } from './shape.ts'

/** [start, end) of one partition. Offsets are exact integers below 2^53. */
export interface OffsetRange {
  readonly topic: string
  readonly partition: number
  readonly start: number
  readonly end: number
}

/**
 * control: transaction markers. aborted: records of aborted transactions. compacted: removed by the log cleaner.
 * lost: deleted before they were read, and a person accepted it.
 */
export type HoleKind = 'control' | 'aborted' | 'compacted' | 'lost'

/** Who said that lost offsets may stay lost. */
export interface LossAcceptance {
  readonly by: string
  readonly reason: string
  /** RFC 3339, UTC */
  readonly at: string
}

/** A run of offsets [start, end) that is neither a row nor a reject, and why. */
export interface Hole {
  readonly kind: HoleKind
  readonly start: number
  readonly end: number
  /** of lost offsets, and of no others */
  readonly accepted?: LossAcceptance
}

export interface ObjectRef extends Of<typeof objectRefShape> {}
export const objectRefShape = open({ key: text(), sha256, bytes: number({ min: 0, integer: true }) })

export interface SegmentRef extends ObjectRef {
  readonly range: OffsetRange
  readonly rows: number
  /** sha256 of the files that compaction made this one of, in offset order; absent: it is as ingest wrote it */
  readonly merged?: readonly string[]
}

export interface RejectsRef extends ObjectRef {
  readonly range: OffsetRange
  readonly rows: number
  /** as in SegmentRef */
  readonly merged?: readonly string[]
}

/** What one range became: rows + rejects + holes cover every offset in it exactly once. */
export interface RangeResult {
  readonly range: OffsetRange
  readonly segment: SegmentRef | null
  readonly rejects: RejectsRef | null
  readonly holes: readonly Hole[]
}

/** A record that could not be decoded: kept whole, with every reason. */
export interface Reject {
  readonly partition: number
  readonly offset: number
  /** milliseconds since the epoch; −1: none; a bigint beyond ±2^53 */
  readonly timestamp: number | bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** the record's headers as in Kafka's batch format; absent: withheld, or written by a version of sluice that kept none */
  readonly headers?: Uint8Array
  readonly reasons: readonly string[]
}
