// Short byte strings → small numbers: a hash table without strings or objects per look-up.

export interface ByteCache {
  /** The number of bytes [start, end), −1 when they were not added. */
  find(bytes: Uint8Array, start: number, end: number): number
  /** Does nothing when the cache is full. */
  add(bytes: Uint8Array, start: number, end: number, value: number): void
}

const SLOTS = 4096
const MAX_ENTRIES = SLOTS / 2
const MAX_BYTES = 64

export function byteCache(): ByteCache {
  const slots = new Int32Array(SLOTS).fill(-1)
  const values: number[] = []
  const keys: Uint8Array[] = []
  return {
    find(bytes, start, end) {
      for (let slot = hash(bytes, start, end); slots[slot]! >= 0; slot = (slot + 1) % SLOTS) {
        const entry = slots[slot]!
        if (equals(keys[entry]!, bytes, start, end)) return values[entry]!
      }
      return -1
    },
    add(bytes, start, end, value) {
      if (keys.length === MAX_ENTRIES || end - start > MAX_BYTES) return
      let slot = hash(bytes, start, end)
      while (slots[slot]! >= 0) slot = (slot + 1) % SLOTS
      slots[slot] = keys.length
      keys.push(Uint8Array.from(bytes.subarray(start, end)))
      values.push(value)
    },
  }
}

/** FNV-1a, folded to a slot. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5 | 0
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  return (h ^ (h >>> 16)) & (SLOTS - 1)
}

function equals(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}
