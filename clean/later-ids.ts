// Of rows with equal ids the one that arrived first stays: by snapshot, then the broker's time, then partition and offset.
import { HASH_WORDS } from './hash128.ts'
import type { IdEntries } from './id-entries.ts'

export interface LaterIds {
  /**
   * Adds the entries of a window. `later`, a byte for each entry, becomes 1 where the row came after one of the same id; it is final when
   * all windows were added and met. The windows' order changes nothing.
   */
  add(entries: IdEntries, later: Uint8Array): void
  /**
   * Meets a window that was decided before, after all were added. `version`: no row of it came with a later entry of the chain; `places` is
   * asked for only where that does not decide.
   */
  meet(known: KnownIds): Promise<void>
}

export interface KnownIds extends Pick<IdEntries, 'hashes'> {
  readonly version: number
  readonly places: () => Promise<IdEntries>
}

/** A share of all ids, so that a table of them fits into memory. */
export interface Slice {
  /** below `slices` */
  readonly slice: number
  /** a power of two */
  readonly slices: number
}

/** Ids outside the slice are left alone. */
export function laterIds({ slice, slices }: Slice): LaterIds {
  const table = openTable()
  const windows: Uint8Array[] = []
  // of the words of a hash one that does not place it in the table
  const isInside = (hashes: Uint32Array, at: number): boolean => (hashes[at + 3]! & (slices - 1)) === slice
  return {
    add(entries, later) {
      const window = windows.push(later) - 1
      for (let entry = 0; entry < entries.count; entry++) {
        const at = entry * HASH_WORDS
        if (!isInside(entries.hashes, at)) continue
        const slot = slotOf(table, entries.hashes, at)
        const rival = table.slots[slot]! - 1
        if (rival === -1) insert(table, slot, { entries, entry, window })
        else if (isFirst(table.firsts, rival, entries, entry)) later[entry] = 1
        else {
          windows[table.firsts.windows[rival]!]![table.firsts.entries[rival]!] = 1
          replace(table.firsts, rival, { entries, entry, window })
        }
      }
    },
    async meet({ hashes, version, places }) {
      const { firsts } = table // nothing is added any more
      const mark = (id: number): void => {
        windows[firsts.windows[id]!]![firsts.entries[id]!] = 1
      }
      const unclear: { readonly entry: number; readonly id: number }[] = []
      for (let entry = 0; entry * HASH_WORDS < hashes.length; entry++) {
        const at = entry * HASH_WORDS
        if (!isInside(hashes, at)) continue
        const id = table.slots[slotOf(table, hashes, at)]! - 1
        if (id === -1) continue
        if (version < firsts.versions[id]!) mark(id)
        else unclear.push({ entry, id })
      }
      if (unclear.length === 0) return
      const known = await places()
      for (const { entry, id } of unclear) if (!isFirst(firsts, id, known, entry)) mark(id)
    },
  }
}

/** The row that stays for each id, as far as it is known. */
interface Firsts {
  versions: Uint32Array
  times: Float64Array
  partitions: Int32Array
  offsets: Float64Array
  windows: Int32Array
  entries: Int32Array
}

const FIRSTS = {
  versions: Uint32Array,
  times: Float64Array,
  partitions: Int32Array,
  offsets: Float64Array,
  windows: Int32Array,
  entries: Int32Array,
} as const

interface Table {
  /** id + 1; 0: free. Length is a power of two, at most half full. */
  slots: Int32Array
  hashes: Uint32Array
  firsts: Firsts
  ids: number
}

const FIRST_IDS = 1 << 11

function openTable(): Table {
  return {
    slots: new Int32Array(2 * FIRST_IDS),
    hashes: new Uint32Array(FIRST_IDS * HASH_WORDS),
    firsts: roomFor(FIRST_IDS),
    ids: 0,
  }
}

function roomFor(ids: number, before?: Firsts): Firsts {
  const names = Object.keys(FIRSTS) as (keyof Firsts)[]
  const arrays = names.map((name) => {
    const array = new FIRSTS[name](ids)
    if (before !== undefined) array.set(before[name])
    return [name, array] as const
  })
  return Object.fromEntries(arrays) as unknown as Firsts
}

/** Where the id stands, or would. */
function slotOf({ slots, hashes }: Table, words: Uint32Array, at: number): number {
  const mask = slots.length - 1
  let slot = words[at]! & mask
  for (let id = slots[slot]!; id !== 0; id = slots[slot]!) {
    const from = (id - 1) * HASH_WORDS
    if (
      hashes[from] === words[at] &&
      hashes[from + 1] === words[at + 1] &&
      hashes[from + 2] === words[at + 2] &&
      hashes[from + 3] === words[at + 3]
    )
      return slot
    slot = (slot + 1) & mask
  }
  return slot
}

interface Arrived {
  readonly entries: IdEntries
  readonly entry: number
  readonly window: number
}

function insert(table: Table, slot: number, arrived: Arrived): void {
  const id = table.ids++
  const { entries, entry } = arrived
  for (let word = 0; word < HASH_WORDS; word++)
    table.hashes[id * HASH_WORDS + word] = entries.hashes[entry * HASH_WORDS + word]!
  replace(table.firsts, id, arrived)
  table.slots[slot] = id + 1
  if (2 * table.ids >= table.slots.length) grow(table)
}

function replace(firsts: Firsts, id: number, { entries, entry, window }: Arrived): void {
  firsts.versions[id] = entries.versions[entry]!
  firsts.times[id] = entries.times[entry]!
  firsts.partitions[id] = entries.partition
  firsts.offsets[id] = entries.offsets[entry]!
  firsts.windows[id] = window
  firsts.entries[id] = entry
}

function grow(table: Table): void {
  const hashes = new Uint32Array(2 * table.hashes.length)
  hashes.set(table.hashes)
  table.hashes = hashes
  table.firsts = roomFor(hashes.length / HASH_WORDS, table.firsts)
  table.slots = new Int32Array(2 * table.slots.length)
  const mask = table.slots.length - 1
  for (let id = 0; id < table.ids; id++) {
    let slot = hashes[id * HASH_WORDS]! & mask
    while (table.slots[slot] !== 0) slot = (slot + 1) & mask
    table.slots[slot] = id + 1
  }
}

/** Whether the row that is known for the id arrived before that of the entry. */
function isFirst({ versions, times, partitions, offsets }: Firsts, id: number, row: IdEntries, entry: number): boolean {
  if (versions[id] !== row.versions[entry]) return versions[id]! < row.versions[entry]!
  if (times[id] !== row.times[entry]) return times[id]! < row.times[entry]!
  if (partitions[id] !== row.partition) return partitions[id]! < row.partition
  return offsets[id]! < row.offsets[entry]!
}
