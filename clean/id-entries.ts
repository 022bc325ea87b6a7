// The ids of a window's rows as what decides between equal ones needs them: a hash, and when the row arrived.
import { strict as assert } from 'node:assert'
import { type Columns, isValid } from '../schemas/columns.ts'
import type { Arrival } from '../schemas/manifest.ts'
import { versions } from './first-arrivals.ts'
import { HASH_WORDS, murmur128 } from './hash128.ts'
import { integersOf } from './integers.ts'

/** One entry for each row that has an id and that no rule rejected, in the rows' order. */
export interface IdEntries {
  readonly partition: number
  readonly count: number
  /** HASH_WORDS for each entry */
  readonly hashes: Uint32Array
  /** entry of the source's chain that brought the row */
  readonly versions: Uint32Array
  /** milliseconds; Infinity: the record has no time, so that nothing says it came early */
  readonly times: Float64Array
  readonly offsets: Float64Array
}

export interface IdGatherer {
  /** Adds the rows [from, to) whose fate is 0. */
  add(batch: Columns, rows: { readonly fate: Uint8Array; readonly from: number; readonly to: number }): void
  /** The entries since the last take. */
  take(partition: number): IdEntries
}

export function idGatherer({
  id,
  arrivals,
}: {
  readonly id: string
  readonly arrivals: readonly Arrival[]
}): IdGatherer {
  const versionAt = versions(arrivals)
  let room = roomFor(1 << 10)
  let count = 0
  return {
    add(batch, { fate, from, to }) {
      const ids = batch.byName[id]
      const { _partition, _offset, _timestamp } = batch.byName
      assert(ids?.type === 'utf8', `batches hold the ids as utf8: ${id}`)
      assert(
        _partition?.type === 'int32' && _offset?.type === 'int64' && _timestamp?.type === 'int64',
        'batches hold _partition, _offset and _timestamp',
      )
      if (count + (to - from) > room.versions.length) room = roomFor(Math.max(2 * count, count + to - from), room)
      const times = integersOf(_timestamp.values)
      const offsets = integersOf(_offset.values)
      for (let row = from; row < to; row++) {
        if (fate[row] !== 0 || !isValid(ids.valid, row)) continue
        murmur128(ids.bytes, ids.offsets[row]!, ids.offsets[row + 1]!, room.hashes, count * HASH_WORDS)
        const time = times(row)
        const offset = offsets(row)
        room.versions[count] = versionAt(_partition.values[row]!, offset)
        room.times[count] = time < 0 ? Infinity : time
        room.offsets[count] = offset
        count++
      }
    },
    take(partition) {
      const taken = {
        partition,
        count,
        hashes: room.hashes.slice(0, count * HASH_WORDS),
        versions: room.versions.slice(0, count),
        times: room.times.slice(0, count),
        offsets: room.offsets.slice(0, count),
      }
      count = 0
      return taken
    },
  }
}

type Room = Pick<IdEntries, 'hashes' | 'versions' | 'times' | 'offsets'>

function roomFor(ids: number, before?: Room): Room {
  const room = {
    hashes: new Uint32Array(ids * HASH_WORDS),
    versions: new Uint32Array(ids),
    times: new Float64Array(ids),
    offsets: new Float64Array(ids),
  }
  if (before !== undefined)
    for (const name of ['hashes', 'versions', 'times', 'offsets'] as const) room[name].set(before[name])
  return room
}
