// The grid on which a dataset is cut: windows of offsets, the same whatever segments the rows came in.
import type { Arrival, Coverage } from '../schemas/manifest.ts'

/** Offsets [start, end) of one partition, all of which are in the lake. */
export interface Window extends Coverage {
  /** entry of the source's chain that brought the last of them */
  readonly version: number
  /** false: later offsets of the same window are still to come */
  readonly isWhole: boolean
  /** it has hardly begun: its result is not worth keeping */
  readonly isSmall: boolean
  /** its rows go into the same parts as those of the next window, since both have hardly begun */
  readonly isJoined: boolean
}

/** Of a whole window's offsets: a smaller share is soon cleaned again, and a part of its own would be small. */
const SMALL_SHARE = 1 / 16

/**
 * Windows in (partition, offset) order that tile the coverage: each begins at a multiple of `offsets`, but for the first of a partition.
 * A window that is whole never changes, unless its events are read anew. Windows are joined while their offsets are no more than a whole
 * one has, so that a topic of a thousand partitions with few events is not a thousand parts.
 */
export function windowsOf(
  coverage: readonly Coverage[],
  { arrivals, offsets }: { readonly arrivals: readonly Arrival[]; readonly offsets: number },
): Window[] {
  const arrived = Map.groupBy(arrivals, ({ partition }) => partition)
  const windows = coverage
    .toSorted((a, b) => a.partition - b.partition)
    .flatMap(({ partition, start, end }) => {
      const first = Math.floor(start / offsets)
      const windows: Window[] = []
      for (let index = first; index * offsets < end; index++) {
        const last = Math.min(end, (index + 1) * offsets)
        const version = arrived.get(partition)?.find((arrival) => arrival.end >= last)?.version ?? 0
        const isWhole = last === (index + 1) * offsets
        const from = Math.max(start, index * offsets)
        const isSmall = !isWhole && last - from < SMALL_SHARE * offsets
        windows.push({ partition, start: from, end: last, version, isWhole, isSmall, isJoined: false })
      }
      return windows
    })
  return joined(windows, offsets)
}

function joined(windows: readonly Window[], offsets: number): Window[] {
  let together = 0
  return windows.map((window, i) => {
    const next = windows[i + 1]
    together += window.end - window.start
    const isJoined = window.isSmall && next?.isSmall === true && together + next.end - next.start <= offsets
    if (!isJoined) together = 0
    return { ...window, isJoined }
  })
}
