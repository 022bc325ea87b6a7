// Reads segments one after the other, the next ones being fetched meanwhile; some stay in memory for a second pass.
import { setImmediate } from 'node:timers/promises'
import type { Window } from '../../clean/windows.ts'
import { readColumns } from '../../lake/columns/read.ts'
import { readAhead } from '../../lake/store/read-ahead.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { SegmentRef } from '../../schemas/segment.ts'

/** Of columns that are kept for the second pass: the first ones, since passes begin with them. */
const KEPT_BYTES = 48 * 2 ** 20
/** Of segments that are fetched while one is worked on, and how many they are at most. */
const AHEAD_BYTES = 24 * 2 ** 20
const AHEAD = 16

export interface ReadSegment {
  readonly columns: Columns
  /** segments so far, this one among them */
  readonly done: number
  readonly of: number
}

export interface SegmentStream {
  /** The segments that hold rows of the windows, in their order. Throws the signal's reason between two of them. */
  read(windows: readonly Window[], signal: AbortSignal): AsyncIterable<ReadSegment>
}

/** `segments`: in (partition, offset) order. */
export function segmentStream(store: Store, segments: readonly SegmentRef[]): SegmentStream {
  const kept = new Map<string, Columns>()
  let keptBytes = 0
  const fetch = async (segment: SegmentRef): Promise<Columns> => {
    const known = kept.get(segment.key)
    if (known !== undefined) return known
    const columns = await readColumns(store, segment)
    const bytes = bytesOf(columns)
    if (keptBytes + bytes <= KEPT_BYTES) {
      kept.set(segment.key, columns)
      keptBytes += bytes
    }
    return columns
  }
  return {
    async *read(windows, signal) {
      const wanted = overlapping(segments, windows)
      const ahead = { atOnce: AHEAD, maxBytes: AHEAD_BYTES, bytesOf: ({ bytes }: SegmentRef) => bytes, read: fetch }
      let done = 0
      signal.throwIfAborted()
      for await (const columns of readAhead(wanted, ahead)) {
        yield { columns, done: ++done, of: wanted.length }
        await setImmediate() // other work of the process gets its turn
        signal.throwIfAborted()
      }
    },
  }
}

function bytesOf({ byName }: Columns): number {
  const arrays = Object.values(byName).flatMap((column) => Object.values(column).filter(ArrayBuffer.isView))
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** Both in (partition, offset) order. */
function overlapping(segments: readonly SegmentRef[], windows: readonly Window[]): SegmentRef[] {
  let at = 0
  return segments.filter(({ range }) => {
    const isBefore = ({ partition, end }: Window): boolean =>
      partition < range.partition || (partition === range.partition && end <= range.start)
    while (at < windows.length && isBefore(windows[at]!)) at++
    const window = windows[at]
    return window !== undefined && window.partition === range.partition && window.start < range.end
  })
}
