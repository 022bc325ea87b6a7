// The newest offsets of a topic, shared by its partitions.
import type { PartitionEnds } from '../../stream/broker.ts'

type Ends = Pick<PartitionEnds, 'partition' | 'logStart' | 'lastStableOffset'>

/** At most `wanted` of the newest offsets, as evenly as the partitions have them; [start, end) of each that has any. */
export function newestOffsets(
  ends: readonly Ends[],
  wanted: number,
): { readonly partition: number; readonly start: number; readonly end: number }[] {
  const held = ({ logStart, lastStableOffset }: Ends): number => lastStableOffset - logStart
  let missing = wanted
  return [...ends]
    .sort((a, b) => held(a) - held(b))
    .map((each, i) => {
      const taken = Math.min(held(each), Math.ceil(missing / (ends.length - i)))
      missing -= taken
      return { partition: each.partition, start: each.lastStableOffset - taken, end: each.lastStableOffset }
    })
    .filter(({ start, end }) => start < end)
}
