// One immutable file of rows from one contiguous range of offsets, and what became of every other offset in it.

/** [start, end) of one partition. Offsets are exact integers below 2^53. */
export interface OffsetRange {
  readonly topic: string
  readonly partition: number
  readonly start: number
  readonly end: number
}

/** control: transaction markers. aborted: records of aborted transactions. compacted: removed by the log cleaner. */
export type HoleKind = 'control' | 'aborted' | 'compacted'

/** A run of offsets [start, end) that is neither a row nor a reject, and why. */
export interface Hole {
  readonly kind: HoleKind
  readonly start: number
  readonly end: number
}

export interface ObjectRef {
  readonly key: string
  readonly sha256: string
  readonly bytes: number
}

export interface SegmentRef extends ObjectRef {
  readonly range: OffsetRange
  readonly rows: number
}

export interface RejectsRef extends ObjectRef {
  readonly range: OffsetRange
  readonly rows: number
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
  /** milliseconds since the epoch */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly reasons: readonly string[]
}
