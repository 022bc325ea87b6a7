// Of rows with equal ids the one that arrived first stays: by snapshot, then the broker's time, then partition and offset.
import { strict as assert } from 'node:assert'
import { type Columns, isValid } from '../schemas/columns.ts'
import type { Arrival } from '../schemas/manifest.ts'
import type { Plan } from '../schemas/plan.ts'
import type { OffsetRange } from '../schemas/segment.ts'
import { idTable } from './dedupe.ts'

export interface FirstArrivals {
  /**
   * Writes `mark` to the unmarked rows whose id arrived before, as far as it is known; returns how many. Rows that have a mark already
   * are neither compared nor remembered.
   */
  markLater(batch: Columns, marks: Uint8Array, mark: number): number
  /** A row arrived before one that was left unmarked: the marks so far are wrong, and the rows are to be marked again after `settle`. */
  isOvertaken(): boolean
  /** Where the row stood that stays for the id of a row that was compared, as far as it is known. */
  placeOfFirst(batch: Columns, row: number): Pick<OffsetRange, 'partition'> & { readonly offset: number }
  /** From here on every row is known, and the same rows come again. */
  settle(): void
}

/** What tells first arrivals of a plan's rows; null without an id column: no row is a duplicate then. */
export function firstsOf({ columns }: Pick<Plan, 'columns'>, arrivals: readonly Arrival[] = []): FirstArrivals | null {
  const id = columns.find((column) => column.kind === 'id')
  return id === undefined ? null : firstArrivals({ id: id.name, arrivals })
}

interface FirstArrivalsOptions {
  /** column of the ids; rows without one have no equal */
  readonly id: string
  /** which snapshot first covered which offsets; none: all rows are of one snapshot */
  readonly arrivals: readonly Arrival[]
}

/** Where the row that stays for each id came from, by the id's number. */
interface Firsts {
  versions: Uint32Array
  /** milliseconds; Infinity: the record has no time, so that nothing says it came early */
  times: Float64Array
  partitions: Int32Array
  offsets: Float64Array
}

function firstArrivals({ id, arrivals }: FirstArrivalsOptions): FirstArrivals {
  const table = idTable()
  const firsts = roomFor(1 << 11)
  const versionAt = versions(arrivals)
  // one object for all rows: one for each would be garbage at once
  const row: Place = { version: 0, time: 0, partition: 0, offset: 0 }
  let isOvertaken = false
  let isSettled = false

  /** Whether the row stays as far as it is known; it is remembered then. */
  const stays = (number: number, isNew: boolean): boolean => {
    if (isSettled) return firsts.offsets[number] === row.offset && firsts.partitions[number] === row.partition
    row.version = versionAt(row.partition, row.offset)
    if (!isNew && !isBefore(row, firsts, number)) return false
    if (!isNew) isOvertaken = true
    keep(firsts, number, row)
    return true
  }
  return {
    isOvertaken: () => isOvertaken,
    placeOfFirst(batch, at) {
      const ids = batch.byName[id]
      assert(ids?.type === 'utf8', `batches hold the ids as utf8: ${id}`)
      const number = table.numberOf(ids.bytes, ids.offsets[at]!, ids.offsets[at + 1]!)
      return { partition: firsts.partitions[number]!, offset: firsts.offsets[number]! }
    },
    settle() {
      isSettled = true
      isOvertaken = false
    },
    markLater(batch, marks, mark) {
      const ids = batch.byName[id]
      assert(ids?.type === 'utf8', `batches hold the ids as utf8: ${id}`)
      const { partitions, offsets, times } = placesOf(batch)
      let marked = 0
      for (let i = 0; i < marks.length; i++) {
        if (marks[i] !== 0 || !isValid(ids.valid, i)) continue
        const known = table.size()
        const number = table.numberOf(ids.bytes, ids.offsets[i]!, ids.offsets[i + 1]!)
        const time = Number(times[i]!)
        row.time = time < 0 ? Infinity : time
        row.partition = partitions[i]!
        row.offset = Number(offsets[i]!)
        if (stays(number, number === known)) continue
        marks[i] = mark
        marked++
      }
      return marked
    },
  }
}

interface Place {
  version: number
  time: number
  partition: number
  offset: number
}

function isBefore(row: Place, { versions, times, partitions, offsets }: Firsts, number: number): boolean {
  if (row.version !== versions[number]) return row.version < versions[number]!
  if (row.time !== times[number]) return row.time < times[number]!
  if (row.partition !== partitions[number]) return row.partition < partitions[number]!
  return row.offset < offsets[number]!
}

function keep(firsts: Firsts, number: number, { version, time, partition, offset }: Place): void {
  if (number === firsts.versions.length) Object.assign(firsts, roomFor(number * 2, firsts))
  firsts.versions[number] = version
  firsts.times[number] = time
  firsts.partitions[number] = partition
  firsts.offsets[number] = offset
}

function roomFor(ids: number, before?: Firsts): Firsts {
  const firsts: Firsts = {
    versions: new Uint32Array(ids),
    times: new Float64Array(ids),
    partitions: new Int32Array(ids),
    offsets: new Float64Array(ids),
  }
  if (before !== undefined)
    for (const name of ['versions', 'times', 'partitions', 'offsets'] as const) firsts[name].set(before[name])
  return firsts
}

function placesOf({ byName: { _partition, _offset, _timestamp } }: Columns) {
  assert(
    _partition?.type === 'int32' && _offset?.type === 'int64' && _timestamp?.type === 'int64',
    'batches hold _partition, _offset and _timestamp',
  )
  return { partitions: _partition.values, offsets: _offset.values, times: _timestamp.values }
}

/** The version that first covered an offset; 0 where nothing is said. Fast for offsets that ascend within a partition. */
export function versions(arrivals: readonly Arrival[]): (partition: number, offset: number) => number {
  const byPartition = Map.groupBy(arrivals, ({ partition }) => partition)
  let partition = -1
  let list: readonly Arrival[] = []
  let at = 0
  return (of, offset) => {
    if (of !== partition) {
      partition = of
      list = byPartition.get(of) ?? []
      at = 0
    }
    if (at > 0 && offset < list[at - 1]!.end) at = 0
    while (at < list.length && list[at]!.end <= offset) at++
    return list[at]?.version ?? 0
  }
}
