// What the lake has and what the broker has → the ranges to read now.
import assert from 'node:assert/strict'
import { failure } from '../schemas/failures.ts'
import type { Coverage } from '../schemas/manifest.ts'
import type { OffsetRange } from '../schemas/segment.ts'
import type { PartitionEnds } from './broker.ts'

export interface RangePlan {
  readonly topic: string
  /** offsets that snapshots account for */
  readonly coverage: readonly Coverage[]
  /** where a partition begins that the coverage lacks; null: there is no snapshot yet, and each begins where its log starts */
  readonly firstOffset: ((partition: number) => number) | null
  readonly ends: readonly PartitionEnds[]
  /** offsets per range, ≥ 1 */
  readonly maxRows: number
}

/**
 * Ranges that go on where the coverage ends, up to the last stable offset, by partition and offset.
 * Throws OFFSETS_LOST when the log starts after what was to be read next, OFFSETS_WENT_BACK when it ends before.
 */
export function planRanges({ topic, coverage, firstOffset, ends, maxRows }: RangePlan): OffsetRange[] {
  assert(Number.isSafeInteger(maxRows) && maxRows >= 1, `maxRows ${maxRows}`)
  const known = new Map(ends.map((end) => [end.partition, end]))
  const covered = new Map(coverage.map((cover) => [cover.partition, cover.end]))
  for (const cover of coverage) {
    if (!known.has(cover.partition)) {
      throw wentBack(topic, cover.partition, cover.end, 'nothing, the partition is gone')
    }
  }
  const spans = ends
    .toSorted((a, b) => a.partition - b.partition)
    .map((end) => unread(end, covered.get(end.partition), firstOffset))
  for (const { partition, start, lastStableOffset, isUntouched } of spans)
    if (!isUntouched && start > lastStableOffset) throw wentBack(topic, partition, start, lastStableOffset)
  const lost = spans.filter(({ start, logStart }) => start < logStart)
  if (lost.length > 0) throw offsetsLost(topic, lost)
  return spans.flatMap((span) => cut(topic, span, maxRows))
}

/** What was to be read next, lost or not. A log that starts before a partition's first offset is another one, and read whole. */
function unread(ends: PartitionEnds, covered: number | undefined, firstOffset: RangePlan['firstOffset']) {
  const first = Math.min(firstOffset?.(ends.partition) ?? ends.logStart, ends.logStart)
  return { ...ends, start: covered ?? first, isUntouched: covered === undefined }
}

function cut(
  topic: string,
  { partition, start, lastStableOffset: end }: PartitionEnds & { start: number },
  maxRows: number,
): OffsetRange[] {
  const ranges: OffsetRange[] = []
  for (let from = start; from < end; from += maxRows) {
    ranges.push({ topic, partition, start: from, end: Math.min(from + maxRows, end) })
  }
  return ranges
}

export interface LostOffsets {
  readonly partition: number
  /** was to be read next */
  readonly start: number
  /** > start */
  readonly logStart: number
}

/** OFFSETS_LOST: in these partitions, at least one, the log starts behind what was to be read next. */
export function offsetsLost(topic: string, lost: readonly LostOffsets[]): Error {
  const [first] = lost
  assert(first !== undefined, 'something is lost')
  const { partition, start: expected, logStart: found } = first
  const losses = lost.map(({ partition: p, start, logStart }) => `${topic}/${p}/${start}-${logStart}`).join(' ')
  return failure('OFFSETS_LOST', { topic, partition, expected, found, lost: found - expected, losses })
}

/** REPLICAS_BEHIND: the log holds offsets up to `expected`, and a new leader lets nobody read those from `found` on before others have them. */
export function replicasBehind(topic: string, partition: number, expected: number, found: number): Error {
  return failure('REPLICAS_BEHIND', { topic, partition, expected, found })
}

/** OFFSETS_WENT_BACK: offsets up to `expected` existed, now the log ends at `found`. */
export function wentBack(topic: string, partition: number, expected: number, found: number | string): Error {
  return failure('OFFSETS_WENT_BACK', { topic, partition, expected, found })
}
