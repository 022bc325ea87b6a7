// MurmurHash3 x86 128-bit over bytes: stands for an id where ids are compared in their millions.

const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

/** 32-bit words of a hash */
export const HASH_WORDS = 4

/**
 * MurmurHash3_x86_128 by Austin Appleby (public domain) of bytes[start, end) with seed 0, as words h1..h4 into `into` from `at` on.
 * Of 10⁹ ids two are taken for one with a probability of 10⁻²¹. It withstands nobody who wants to: whoever can send an id that equals
 * another's hash can send that id itself.
 */
export function murmur128(bytes: Uint8Array, start: number, end: number, into: Uint32Array, at: number): void {
  const length = end - start
  const blocksEnd = start + (length & ~15)
  let h1 = 0
  let h2 = 0
  let h3 = 0
  let h4 = 0
  for (let i = start; i < blocksEnd; i += 16) {
    h1 ^= mix(word(bytes, i), C1, 15, C2)
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0
    h2 ^= mix(word(bytes, i + 4), C2, 16, C3)
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0
    h3 ^= mix(word(bytes, i + 8), C3, 17, C4)
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0
    h4 ^= mix(word(bytes, i + 12), C4, 18, C1)
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  }
  const left = end - blocksEnd
  if (left > 12) h4 ^= mix(tail(bytes, blocksEnd + 12, end), C4, 18, C1)
  if (left > 8) h3 ^= mix(tail(bytes, blocksEnd + 8, end), C3, 17, C4)
  if (left > 4) h2 ^= mix(tail(bytes, blocksEnd + 4, end), C2, 16, C3)
  if (left > 0) h1 ^= mix(tail(bytes, blocksEnd, end), C1, 15, C2)
  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  h1 = finalize(h1)
  h2 = finalize(h2)
  h3 = finalize(h3)
  h4 = finalize(h4)
  h1 = (h1 + h2 + h3 + h4) | 0
  into[at] = h1
  into[at + 1] = h2 + h1
  into[at + 2] = h3 + h1
  into[at + 3] = h4 + h1
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

function mix(block: number, first: number, by: number, second: number): number {
  return Math.imul(rotate(Math.imul(block, first), by), second)
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** Up to four bytes before `end`, the first lowest. */
function tail(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = Math.min(end, at + 4) - 1; i >= at; i--) value = (value << 8) | bytes[i]!
  return value
}

function finalize(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
