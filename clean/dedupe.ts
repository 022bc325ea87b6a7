// Numbers ids: an open-addressing hash table over UTF-8 bytes that lives as long as the cleaning of one dataset.
import { strict as assert } from 'node:assert'
import { murmur3 } from './hash.ts'

/** Another seed than the split's, so that a table of one split's ids does not cluster. */
const TABLE_SEED = 0x5eed1d
const MAX_ARENA_BYTES = 2 ** 32

export interface IdTable {
  /** The id's number: 0, 1, … in the order in which ids came; `size()` before the call when it is new. */
  numberOf(bytes: Uint8Array, start: number, end: number): number
  /** distinct ids so far */
  size(): number
}

interface Table {
  /** entry number + 1 per slot; 0 = free. Length is a power of two, at most half full. */
  slots: Int32Array
  hashes: Uint32Array
  /** entry e holds arena[starts[e], starts[e + 1]) */
  starts: Uint32Array
  arena: Uint8Array
  entries: number
}

/** `hash` is replaceable so that a test can force collisions. */
export function idTable(hash: typeof murmur3 = murmur3): IdTable {
  const table: Table = {
    slots: new Int32Array(1 << 12),
    hashes: new Uint32Array(1 << 11),
    starts: new Uint32Array((1 << 11) + 1),
    arena: new Uint8Array(1 << 16),
    entries: 0,
  }
  return {
    size: () => table.entries,
    numberOf: (bytes, start, end) => findOrAdd(table, bytes, start, end, hash(bytes, start, end, TABLE_SEED)),
  }
}

function findOrAdd(table: Table, bytes: Uint8Array, start: number, end: number, hash: number): number {
  const mask = table.slots.length - 1
  let slot = hash & mask
  for (let entry = table.slots[slot]!; entry !== 0; entry = table.slots[slot]!) {
    if (table.hashes[entry - 1] === hash && sameBytes(table, entry - 1, bytes, start, end)) return entry - 1
    slot = (slot + 1) & mask
  }
  const number = remember(table, bytes, start, end, hash)
  table.slots[slot] = number + 1
  if (table.entries * 2 >= table.slots.length) growSlots(table)
  return number
}

function sameBytes(table: Table, entry: number, bytes: Uint8Array, start: number, end: number): boolean {
  const from = table.starts[entry]!
  const length = end - start
  if (table.starts[entry + 1]! - from !== length) return false
  for (let i = 0; i < length; i++) if (table.arena[from + i] !== bytes[start + i]) return false
  return true
}

/** Copies the id, since the batch that holds it may go. Returns its number. */
function remember(table: Table, bytes: Uint8Array, start: number, end: number, hash: number): number {
  const entry = table.entries++
  if (entry === table.hashes.length) {
    table.hashes = grown(table.hashes, entry * 2)
    table.starts = grown(table.starts, entry * 2 + 1)
  }
  const from = table.starts[entry]!
  const to = from + (end - start)
  if (to > table.arena.length) {
    assert(to < MAX_ARENA_BYTES, 'ids of one dataset take less than 4 GiB')
    table.arena = grown(table.arena, Math.max(to, Math.min(table.arena.length * 2, MAX_ARENA_BYTES)))
  }
  for (let i = 0; i < end - start; i++) table.arena[from + i] = bytes[start + i]!
  table.hashes[entry] = hash
  table.starts[entry + 1] = to
  return entry
}

function growSlots(table: Table): void {
  const slots = new Int32Array(table.slots.length * 2)
  const mask = slots.length - 1
  for (let entry = 0; entry < table.entries; entry++) {
    let slot = table.hashes[entry]! & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry + 1
  }
  table.slots = slots
}

function grown<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length)
  larger.set(array)
  return larger
}
