// Finds the ids that stand in several rows, by their hashes alone: few do, and only of these it matters when they arrived.
import { HASH_WORDS } from './hash128.ts'

/** A share of all ids, so that a table of them fits into memory. */
export interface Slice {
  /** below `slices` */
  readonly slice: number
  /** a power of two */
  readonly slices: number
}

/** Rows that share their id with another one. */
export interface Repeats {
  readonly count: number
  /** number of the id, from 0 */
  readonly ids: Int32Array
  /** as it was given to `add` or `meet` */
  readonly windows: Int32Array
  /** place among the window's hashes */
  readonly entries: Int32Array
}

export interface EqualIds {
  /** Adds the hashes of a window. */
  add(window: number, hashes: Uint32Array): void
  /** Finds which of these ids were added, and adds none. After all were added. */
  meet(window: number, hashes: Uint32Array): void
  /** Of the windows that were added those rows whose id stands in another row of any window, those that were met included. */
  added(): Repeats
  /** Of the windows that were met the rows whose id was added. */
  met(): Repeats
  /** Ids among them. */
  repeated(): number
}

/** Ids outside the slice are left alone. `ids`: about as many as there will be in all slices, since growing takes as long as filling. */
export function equalIds({ slice, slices, ids = 0 }: Slice & { readonly ids?: number }): EqualIds {
  const table = openTable(Math.ceil(ids / slices))
  const [added, met] = [repeats(), repeats()]
  let repeated = 0
  // of the words of a hash one that does not place it in the table
  const isInside = (hashes: Uint32Array, at: number): boolean => (hashes[at + 3]! & (slices - 1)) === slice
  /** The number of the id; its first row is among the repeats from here on. */
  const repeatOf = (id: number): number => {
    if (table.repeats[id] === 0) {
      table.repeats[id] = ++repeated
      added.push(repeated - 1, table.windows[id]!, table.entries[id]!)
    }
    return table.repeats[id]! - 1
  }
  return {
    add(window, hashes) {
      for (let at = 0; at < hashes.length; at += HASH_WORDS) {
        if (!isInside(hashes, at)) continue
        const slot = slotOf(table, hashes, at)
        const id = table.slots[2 * slot]! - 1
        if (id === -1) insert(table, { slot, hashes, at, window })
        else added.push(repeatOf(id), window, at / HASH_WORDS)
      }
    },
    meet(window, hashes) {
      for (let at = 0; at < hashes.length; at += HASH_WORDS) {
        if (!isInside(hashes, at)) continue
        const id = table.slots[2 * slotOf(table, hashes, at)]! - 1
        if (id !== -1) met.push(repeatOf(id), window, at / HASH_WORDS)
      }
    },
    added: added.all,
    met: met.all,
    repeated: () => repeated,
  }
}

function repeats() {
  let room = { ids: new Int32Array(256), windows: new Int32Array(256), entries: new Int32Array(256) }
  let count = 0
  return {
    push(id: number, window: number, entry: number): void {
      if (count === room.ids.length)
        room = { ids: doubled(room.ids), windows: doubled(room.windows), entries: doubled(room.entries) }
      room.ids[count] = id
      room.windows[count] = window
      room.entries[count] = entry
      count++
    },
    all: (): Repeats => ({ ...room, count }),
  }
}

interface Table {
  /** of each slot its id + 1 (0: free) and the second word of the hash, so that another id is seldom looked up; at most half are taken */
  slots: Int32Array
  /** by id, here and below */
  hashes: Uint32Array
  /** where its first row stands */
  windows: Int32Array
  entries: Int32Array
  /** its number among the repeated ones + 1; 0: it stands in one row */
  repeats: Int32Array
  ids: number
}

const FIRST_IDS = 1 << 11

function openTable(expected: number): Table {
  const ids = Math.max(FIRST_IDS, 2 ** Math.ceil(Math.log2(Math.max(1, expected))))
  return {
    slots: new Int32Array(4 * ids),
    hashes: new Uint32Array(ids * HASH_WORDS),
    windows: new Int32Array(ids),
    entries: new Int32Array(ids),
    repeats: new Int32Array(ids),
    ids: 0,
  }
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

interface NewId {
  readonly slot: number
  readonly hashes: Uint32Array
  readonly at: number
  readonly window: number
}

function insert(table: Table, { slot, hashes, at, window }: NewId): void {
  const id = table.ids++
  const to = id * HASH_WORDS
  for (let word = 0; word < HASH_WORDS; word++) table.hashes[to + word] = hashes[at + word]!
  table.windows[id] = window
  table.entries[id] = at / HASH_WORDS
  table.slots[2 * slot] = id + 1
  table.slots[2 * slot + 1] = hashes[at + 1]!
  if (4 * table.ids >= table.slots.length) grow(table)
}

function grow(table: Table): void {
  const { hashes, ids } = table
  table.hashes = new Uint32Array(2 * hashes.length)
  table.hashes.set(hashes)
  for (const name of ['windows', 'entries', 'repeats'] as const) table[name] = doubled(table[name])
  const slots = new Int32Array(2 * table.slots.length)
  const mask = slots.length / 2 - 1
  for (let id = 0; id < ids; id++) {
    let slot = hashes[id * HASH_WORDS]! & mask
    while (slots[2 * slot] !== 0) slot = (slot + 1) & mask
    slots[2 * slot] = id + 1
    slots[2 * slot + 1] = hashes[id * HASH_WORDS + 1]!
  }
  table.slots = slots
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length)
  larger.set(array)
  return larger
}
