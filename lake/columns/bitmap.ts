// Bits of Arrow: least significant first, one per row.

/** Number of set bits among the first `rows`. */
export function countBits(bitmap: Uint8Array, rows: number): number {
  let count = 0
  const whole = rows >> 3
  for (let i = 0; i < whole; i++) count += BITS_OF_BYTE[bitmap[i]!]!
  if (rows & 7) count += BITS_OF_BYTE[bitmap[whole]! & ((1 << (rows & 7)) - 1)]!
  return count
}

/** The bitmap cut to `rows` bits, the rest of its last byte cleared; a view of `bitmap` unless bits must be cleared. */
export function trimBits(bitmap: Uint8Array, rows: number): Uint8Array {
  const length = (rows + 7) >> 3
  const spare = (rows & 7) === 0 ? 0 : bitmap[length - 1]! >> (rows & 7)
  if (spare === 0) return bitmap.subarray(0, length)
  const trimmed = bitmap.slice(0, length)
  trimmed[length - 1]! &= (1 << (rows & 7)) - 1
  return trimmed
}

/** One byte per row (0: false, anything else: true) → bitmap. */
export function packBits(flags: Uint8Array, rows: number): Uint8Array {
  const bitmap = new Uint8Array((rows + 7) >> 3)
  for (let row = 0; row < rows; row++) if (flags[row] !== 0) bitmap[row >> 3]! |= 1 << (row & 7)
  return bitmap
}

/** Bitmap → one byte per row, 0 or 1. */
export function unpackBits(bitmap: Uint8Array, rows: number): Uint8Array {
  const flags = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) flags[row] = (bitmap[row >> 3]! >> (row & 7)) & 1
  return flags
}

const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0
  for (let rest = byte; rest > 0; rest >>= 1) bits += rest & 1
  return bits
})
