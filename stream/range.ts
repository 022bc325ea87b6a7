// What the lake has and what the broker has → the ranges to read now.
import assert from 'node:assert/strict'
import { failure } from '../schemas/failures.ts'
import type { Coverage } from '../schemas/manifest.ts'
import type { OffsetRange } from '../schemas/segment.ts'
import type { PartitionEnds } from './broker.ts'

export interface RangePlan {
  readonly topic: string
  /** offsets that snapshots account for; a partition that is not in it starts at the log's start */
  readonly coverage: readonly Coverage[]
  readonly ends: readonly PartitionEnds[]
  /** offsets per range, ≥ 1 */
  readonly maxRows: number
}

/**
 * Ranges that go on where the coverage ends, up to the last stable offset, by partition and offset.
 * Throws OFFSETS_LOST when the log starts after the coverage ends, OFFSETS_WENT_BACK when it ends before.
 */
export function planRanges({ topic, coverage, ends, maxRows }: RangePlan): OffsetRange[] {
  assert(Number.isSafeInteger(maxRows) && maxRows >= 1, `maxRows ${maxRows}`)
  const known = new Map(ends.map((end) => [end.partition, end]))
  const covered = new Map(coverage.map((cover) => [cover.partition, cover.end]))
  for (const cover of coverage) {
    if (!known.has(cover.partition)) {
      throw wentBack(topic, cover.partition, cover.end, 'nothing, the partition is gone')
    }
  }
  return ends
    .toSorted((a, b) => a.partition - b.partition)
    .flatMap((end) => cut(topic, unread(topic, end, covered.get(end.partition)), maxRows))
}

function unread(topic: string, ends: PartitionEnds, covered: number | undefined): PartitionSpan {
  const { partition, logStart, lastStableOffset } = ends
  if (covered === undefined) return { partition, start: logStart, end: Math.max(logStart, lastStableOffset) }
  if (covered > lastStableOffset) throw wentBack(topic, partition, covered, lastStableOffset)
  if (covered < logStart) throw offsetsLost({ topic, partition, expected: covered, logStart })
  return { partition, start: covered, end: lastStableOffset }
}

type PartitionSpan = Pick<OffsetRange, 'partition' | 'start' | 'end'>

function cut(topic: string, { partition, start, end }: PartitionSpan, maxRows: number): OffsetRange[] {
  const ranges: OffsetRange[] = []
  for (let from = start; from < end; from += maxRows) {
    ranges.push({ topic, partition, start: from, end: Math.min(from + maxRows, end) })
  }
  return ranges
}

/** OFFSETS_LOST: the log now starts at `logStart`, `expected` was still to be read. */
export function offsetsLost(facts: {
  readonly topic: string
  readonly partition: number
  readonly expected: number
  readonly logStart: number
}): Error {
  const { topic, partition, expected, logStart } = facts
  return failure('OFFSETS_LOST', { topic, partition, expected, found: logStart, lost: logStart - expected })
}

/** REPLICAS_BEHIND: the log holds offsets up to `expected`, and a new leader lets nobody read those from `found` on before others have them. */
export function replicasBehind(topic: string, partition: number, expected: number, found: number): Error {
  return failure('REPLICAS_BEHIND', { topic, partition, expected, found })
}

/** OFFSETS_WENT_BACK: offsets up to `expected` existed, now the log ends at `found`. */
export function wentBack(topic: string, partition: number, expected: number, found: number | string): Error {
  return failure('OFFSETS_WENT_BACK', { topic, partition, expected, found })
}
