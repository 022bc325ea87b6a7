// The grid on which a dataset is cut: windows of offsets, the same whatever segments the rows came in.
import type { Arrival, Coverage } from '../schemas/manifest.ts'

/** Offsets [start, end) of one partition, all of which are in the lake. */
export interface Window extends Coverage {
  /** entry of the source's chain that brought the last of them */
  readonly version: number
  /** false: later offsets of the same window are still to come */
  readonly isWhole: boolean
}

/**
 * Windows in (partition, offset) order that tile the coverage: each begins at a multiple of `offsets`, but for the first of a partition.
 * A window that is whole never changes, unless its events are read anew.
 */
export function windowsOf(
  coverage: readonly Coverage[],
  { arrivals, offsets }: { readonly arrivals: readonly Arrival[]; readonly offsets: number },
): Window[] {
  const arrived = Map.groupBy(arrivals, ({ partition }) => partition)
  return coverage
    .toSorted((a, b) => a.partition - b.partition)
    .flatMap(({ partition, start, end }) => {
      const first = Math.floor(start / offsets)
      const windows: Window[] = []
      for (let index = first; index * offsets < end; index++) {
        const last = Math.min(end, (index + 1) * offsets)
        const version = arrived.get(partition)?.find((arrival) => arrival.end >= last)?.version ?? 0
        const isWhole = last === (index + 1) * offsets
        windows.push({ partition, start: Math.max(start, index * offsets), end: last, version, isWhole })
      }
      return windows
    })
}
