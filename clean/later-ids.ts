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

/** Ids outside the slice are left alone. `ids`: about as many there will be; a table that need not grow takes half the time. */
export function laterIds({ slice, slices, ids = 0 }: Slice & { readonly ids?: number }): LaterIds {
  const table = openTable(Math.ceil(ids / slices))
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
        const rival = table.slots[2 * slot]! - 1
        if (rival === -1) insert(table, slot, entries, entry, window)
        else if (isFirst(table.firsts, rival, entries, entry)) later[entry] = 1
        else {
          windows[table.firsts.windows[rival]!]![table.firsts.entries[rival]!] = 1
          replace(table.firsts, rival, entries, entry, window)
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
        const id = table.slots[2 * slotOf(table, hashes, at)]! - 1
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
  /** of each slot its id + 1 (0: free) and the second word of the hash, so that another id is seldom looked up; at most half are taken */
  slots: Int32Array
  hashes: Uint32Array
  firsts: Firsts
  ids: number
}

const FIRST_IDS = 1 << 11

function openTable(expected: number): Table {
  const ids = Math.max(FIRST_IDS, 2 ** Math.ceil(Math.log2(Math.max(1, expected))))
  return {
    slots: new Int32Array(4 * ids),
    hashes: new Uint32Array(ids * HASH_WORDS),
    firsts: roomFor(ids),
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
  const mask = slots.length / 2 - 1
  const tag = words[at + 1]! | 0
  let slot = words[at]! & mask
  for (let id = slots[2 * slot]!; id !== 0; id = slots[2 * slot]!) {
    const from = (id - 1) * HASH_WORDS
    if (
      slots[2 * slot + 1] === tag &&
      hashes[from] === words[at] &&
      hashes[from + 2] === words[at + 2] &&
      hashes[from + 3] === words[at + 3]
    )
      return slot
    slot = (slot + 1) & mask
  }
  return slot
}

function insert(table: Table, slot: number, entries: IdEntries, entry: number, window: number): void {
  const id = table.ids++
  const { hashes } = table
  const [from, to] = [entry * HASH_WORDS, id * HASH_WORDS]
  for (let word = 0; word < HASH_WORDS; word++) hashes[to + word] = entries.hashes[from + word]!
  replace(table.firsts, id, entries, entry, window)
  table.slots[2 * slot] = id + 1
  table.slots[2 * slot + 1] = hashes[to + 1]!
  if (4 * table.ids >= table.slots.length) grow(table)
}

function replace(firsts: Firsts, id: number, entries: IdEntries, entry: number, window: number): void {
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
  const mask = table.slots.length / 2 - 1
  for (let id = 0; id < table.ids; id++) {
    let slot = hashes[id * HASH_WORDS]! & mask
    while (table.slots[2 * slot] !== 0) slot = (slot + 1) & mask
    table.slots[2 * slot] = id + 1
    table.slots[2 * slot + 1] = hashes[id * HASH_WORDS + 1]!
  }
}

/** Whether the row that is known for the id arrived before that of the entry. */
function isFirst({ versions, times, partitions, offsets }: Firsts, id: number, row: IdEntries, entry: number): boolean {
  if (versions[id] !== row.versions[entry]) return versions[id]! < row.versions[entry]!
  if (times[id] !== row.times[entry]) return times[id]! < row.times[entry]!
  if (partitions[id] !== row.partition) return partitions[id]! < row.partition
  return offsets[id]! < row.offsets[entry]!
}
