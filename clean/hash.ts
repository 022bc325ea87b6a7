// MurmurHash3 x86 32-bit over bytes: the stable hash behind splits and the dedupe table.

const C1 = 0xcc9e2d51
const C2 = 0x1b873593

/**
 * MurmurHash3_x86_32 by Austin Appleby (public domain) of bytes[start, end).
 * Returns an unsigned integer below 2^32; the same on every machine and in every release, since splits depend on it.
 */
export function murmur3(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let hash = seed | 0
  const blocksEnd = start + ((end - start) & ~3)
  for (let i = start; i < blocksEnd; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    hash ^= scramble(block)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = end - 1; i >= blocksEnd; i--) tail = (tail << 8) | bytes[i]!
  if (blocksEnd < end) hash ^= scramble(tail)
  return finalize(hash ^ (end - start))
}

function scramble(block: number): number {
  const mixed = Math.imul(block, C1)
  return Math.imul((mixed << 15) | (mixed >>> 17), C2)
}

function finalize(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
