// How many small ranges wait at the end of each partition, carried from entry to entry: what a commit asks before it compacts. Pure.
import type { SmallTail } from '../../schemas/manifest.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { bytesOf } from './compact-plan.ts'

/** A merged range holds that much at most; ranges below half of it are small. */
export const TAIL_TARGET_BYTES = 16 * 1024 * 1024

/** The tails after `results` were appended; those are ordered by partition, then start. */
export function extendTails(
  before: readonly SmallTail[] | undefined,
  results: readonly RangeResult[],
): readonly SmallTail[] {
  const tails = new Map(before?.map((tail) => [tail.partition, tail]))
  for (const result of results) {
    const { partition, start } = result.range
    const bytes = bytesOf(result)
    const tail = tails.get(partition) ?? { partition, start, ranges: 0, bytes: 0 }
    if (isSmall(bytes)) tails.set(partition, { ...tail, ranges: tail.ranges + 1, bytes: tail.bytes + bytes })
    else tails.delete(partition)
  }
  return inOrder(tails)
}

/**
 * The tails after some ranges were replaced. `tailsOf`: for each partition concerned its last ranges in force, the new ones included,
 * in order and without a gap up to the end of its coverage; what lies before them is not looked at.
 */
export function replaceTails(
  before: readonly SmallTail[] | undefined,
  tailsOf: ReadonlyMap<number, readonly RangeResult[]>,
): readonly SmallTail[] {
  const tails = new Map(before?.map((tail) => [tail.partition, tail]))
  for (const [partition, results] of tailsOf) {
    const first = results.findLastIndex((result) => !isSmall(bytesOf(result))) + 1
    const small = results.slice(first)
    tails.delete(partition)
    if (small.length === 0) continue
    const bytes = small.reduce((total, result) => total + bytesOf(result), 0)
    tails.set(partition, { partition, start: small[0]!.range.start, ranges: small.length, bytes })
  }
  return inOrder(tails)
}

/** True when `planCompaction` finds something to merge in such a tail. */
export function isWorthMerging({ ranges, bytes }: SmallTail, minRanges: number): boolean {
  return ranges >= 2 && (ranges >= minRanges || bytes * 2 >= TAIL_TARGET_BYTES)
}

function isSmall(bytes: number): boolean {
  return bytes * 2 < TAIL_TARGET_BYTES
}

function inOrder(tails: ReadonlyMap<number, SmallTail>): SmallTail[] {
  return [...tails.values()].sort((a, b) => a.partition - b.partition)
}
