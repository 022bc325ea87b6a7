// The last ranges in force of some partitions, by a walk from the head backwards: entries that are older than needed are not read.
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { OffsetRange, RangeResult } from '../../schemas/segment.ts'
import type { Link } from '../chain.ts'
import { type ChainPlace, walkBack } from '../chain-links.ts'
import { replacesEarlier } from './ranges-in-force.ts'

/**
 * The ranges in force that reach beyond `floors` (partition → offset), by partition, in order: as far as they go, the same as `rangesInForce`
 * finds in the whole chain. Reads from `head` back to the oldest entry that holds one of them.
 */
export async function rangesBehind(
  place: ChainPlace,
  { head, floors }: { readonly head: Link<SnapshotChange>; readonly floors: ReadonlyMap<number, number> },
): Promise<ReadonlyMap<number, readonly RangeResult[]>> {
  const { coverage } = head.entry.change
  const partitions = new Map<number, Walk>()
  for (const [partition, floor] of floors) {
    const end = coverage.find((each) => each.partition === partition)?.end ?? floor
    if (end > floor) partitions.set(partition, { floor, missing: end - floor, found: [], replaced: [] })
  }
  if (partitions.size > 0) {
    for await (const { entry } of walkBack<SnapshotChange>(place, head)) {
      const { kind, ranges } = entry.change
      for (const result of ranges) take(partitions.get(result.range.partition), result, replacesEarlier(kind))
      if ([...partitions.values()].every(({ missing }) => missing <= 0)) break
    }
  }
  return new Map(
    [...partitions].map(([partition, { found }]) => [partition, found.sort((a, b) => a.range.start - b.range.start)]),
  )
}

/** One partition, newest entries first. */
interface Walk {
  readonly floor: number
  /** offsets from the floor to the end of the coverage whose range has not been met yet */
  missing: number
  readonly found: RangeResult[]
  /** ranges of newer entries that stand for earlier ones */
  readonly replaced: OffsetRange[]
}

function take(walk: Walk | undefined, result: RangeResult, replaces: boolean): void {
  if (walk === undefined) return
  const { range } = result
  const isReplaced = walk.replaced.some(({ start, end }) => start <= range.start && range.end <= end)
  if (replaces) walk.replaced.push(range)
  if (isReplaced || range.end <= walk.floor) return
  walk.found.push(result)
  walk.missing -= range.end - Math.max(range.start, walk.floor)
}
