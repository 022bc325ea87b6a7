// Which rows of a stream of batches lie in which window.
import { strict as assert } from 'node:assert'
import type { Columns } from '../schemas/columns.ts'
import type { Window } from './windows.ts'

/** Rows [from, to) of a batch, all of them in the window of that index. */
export interface WindowRows {
  readonly window: number
  readonly from: number
  readonly to: number
}

/**
 * Reads batches whose rows are in (partition, offset) order within and across them: windows follow each other so, and so must what is
 * made of them. Rows outside the windows, which are in the same order, are left out.
 */
export function windowReader(windows: readonly Window[]): (batch: Columns) => WindowRows[] {
  let next = 0
  let last = { partition: -1, offset: -1 }
  return (batch) => {
    if (batch.rows === 0) return []
    const places = placesOf(batch)
    const first = places.at(0)
    const follows =
      first.partition > last.partition || (first.partition === last.partition && first.offset > last.offset)
    assert(follows, `batches come in (partition, offset) order: ${JSON.stringify(first)} after ${JSON.stringify(last)}`)
    last = places.at(batch.rows - 1)

    const found: WindowRows[] = []
    let row = 0
    for (; next < windows.length; next++) {
      const { partition, start, end } = windows[next]!
      const from = places.firstFrom(row, partition, start)
      const to = places.firstFrom(from, partition, end)
      if (to > from) found.push({ window: next, from, to })
      row = to
      if (to === batch.rows) break // the next batch may go on in it
    }
    return found
  }
}

function placesOf({ rows, byName: { _partition, _offset } }: Columns) {
  assert(_partition?.type === 'int32' && _offset?.type === 'int64', 'batches hold _partition and _offset')
  const [partitions, offsets] = [_partition.values, _offset.values]
  const at = (row: number) => ({ partition: partitions[row]!, offset: Number(offsets[row]!) })
  return {
    at,
    /** The first row from `low` on that does not stand before the place; `rows` where all do. */
    firstFrom(low: number, partition: number, offset: number): number {
      let [from, to] = [low, rows]
      while (from < to) {
        const middle = (from + to) >>> 1
        const place = at(middle)
        const isBefore = place.partition < partition || (place.partition === partition && place.offset < offset)
        if (isBefore) from = middle + 1
        else to = middle
      }
      return from
    },
  }
}
