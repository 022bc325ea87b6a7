// Of rows with equal ids the one that arrived first: by snapshot, then the broker's time, then partition and offset.
import type { IdEntries } from './id-entries.ts'

/** When and where rows arrived, without their ids. */
export type Arrivals = Omit<IdEntries, 'count' | 'hashes'>

export interface FirstRows {
  /** A row of the id. */
  offer(id: number, row: { readonly window: number; readonly entry: number; readonly arrivals: Arrivals }): void
  /**
   * A row of the id in a window of which nobody asks. `version`: no row of that window came with a later entry of the chain. False where
   * that does not decide: the row is to be offered.
   */
  beat(id: number, version: number): boolean
  isFirst(id: number, window: number, entry: number): boolean
}

/** Window of a row that needs no other name. */
export const ELSEWHERE = -1

/** The order of offers changes nothing. */
export function firstRows(ids: number): FirstRows {
  const versions = new Uint32Array(ids)
  const times = new Float64Array(ids)
  const partitions = new Int32Array(ids)
  const offsets = new Float64Array(ids)
  const windows = new Int32Array(ids)
  const entries = new Int32Array(ids).fill(-1)
  const isBeaten = (id: number, { versions: v, times: t, partition, offsets: o }: Arrivals, entry: number): boolean => {
    if (versions[id] !== v[entry]) return versions[id]! > v[entry]!
    if (times[id] !== t[entry]) return times[id]! > t[entry]!
    if (partitions[id] !== partition) return partitions[id]! > partition
    return offsets[id]! > o[entry]!
  }
  return {
    offer(id, { window, entry, arrivals }) {
      if (entries[id] !== -1 && !isBeaten(id, arrivals, entry)) return
      versions[id] = arrivals.versions[entry]!
      times[id] = arrivals.times[entry]!
      partitions[id] = arrivals.partition
      offsets[id] = arrivals.offsets[entry]!
      windows[id] = window
      entries[id] = entry
    },
    beat(id, version) {
      if (windows[id] === ELSEWHERE) return true // nothing is said by a second one
      if (version >= versions[id]!) return false
      windows[id] = ELSEWHERE
      return true
    },
    isFirst: (id, window, entry) => windows[id] === window && entries[id] === entry,
  }
}
