// Which neighbouring ranges are worth merging. Pure.
import type { RangeResult } from '../../schemas/segment.ts'

export interface CompactLimits {
  /** bytes of files that one merged range holds at most, unless a single range holds more by itself */
  readonly targetBytes: number
  /** a group smaller than half the target is merged only when it has so many ranges, at least 2: else a growing tail would be rewritten by every run */
  readonly minRanges: number
}

/** Groups of at least two ranges that follow each other in a partition. A range of half the target or more is left as it is, so merging repeatedly ends. */
export function planCompaction(
  inForce: readonly RangeResult[],
  { targetBytes, minRanges }: CompactLimits,
): RangeResult[][] {
  const groups: RangeResult[][] = []
  let group: RangeResult[] = []
  let groupBytes = 0
  const close = () => {
    const isWorth = groupBytes * 2 >= targetBytes || group.length >= minRanges
    if (group.length >= 2 && isWorth) groups.push(group)
    group = []
    groupBytes = 0
  }
  for (const result of inForce) {
    const bytes = bytesOf(result)
    const isSmall = bytes * 2 < targetBytes
    const last = group.at(-1)
    const follows = last?.range.partition === result.range.partition && last.range.end === result.range.start
    if (!isSmall || !follows || groupBytes + bytes > targetBytes) close()
    if (!isSmall) continue
    group.push(result)
    groupBytes += bytes
  }
  close()
  return groups
}

export function bytesOf({ segment, rejects }: RangeResult): number {
  return (segment?.bytes ?? 0) + (rejects?.bytes ?? 0)
}
