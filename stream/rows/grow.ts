// Arrays and bitmaps that grow by moving their memory, not by copying it.
import { isValid, type Validity } from '../../schemas/columns.ts'

export const FIRST_ROWS = 1024

export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array

/** The same array, or one of at least twice the size with the same contents; the old one's memory is free at once. */
export function roomFor<T extends Numbers>(array: T, length: number): T {
  return length <= array.length ? array : resized(array, Math.max(length, array.length * 2))
}

/** The first `length` elements, without holding on to much unused memory. */
export function trimmed<T extends Numbers>(array: T, length: number): T {
  return length * 8 >= array.length * 7 ? (array.subarray(0, length) as T) : resized(array, length)
}

/** `array` must have its buffer for itself, and cannot be used afterwards. */
function resized<T extends Numbers>(array: T, length: number): T {
  const Kind = array.constructor as new (buffer: ArrayBuffer) => T
  return new Kind((array.buffer as ArrayBuffer).transfer(length * array.BYTES_PER_ELEMENT))
}

/** Validity bits of a column that is filled from row 0 up: rows are valid unless marked, and no bitmap exists until one is. */
export interface ValidityBuilder {
  /** rows rise */
  markMissing(row: number): void
  /** takes back the mark of a row, if it has one */
  unmark(row: number): void
  finish(rows: number): Validity
}

export function buildValidity(): ValidityBuilder {
  let bits: Uint8Array | null = null
  let missing = 0
  const reserve = (bytes: number): Uint8Array => {
    const before = bits
    if (before !== null && bytes <= before.length) return before
    const larger = new Uint8Array(Math.max(bytes, FIRST_ROWS >> 3, (before?.length ?? 0) * 2)).fill(255)
    if (before !== null) larger.set(before)
    bits = larger
    return larger
  }
  return {
    markMissing(row) {
      reserve((row >> 3) + 1)[row >> 3]! &= ~(1 << (row & 7))
      missing++
    },
    unmark(row) {
      if (bits === null || row >> 3 >= bits.length || isValid(bits, row)) return
      bits[row >> 3]! |= 1 << (row & 7)
      missing--
    },
    finish(rows) {
      if (missing === 0) return null
      const bytes = (rows + 7) >> 3
      const exact = trimmed(reserve(bytes), bytes)
      if ((rows & 7) !== 0) exact[bytes - 1]! &= (1 << (rows & 7)) - 1
      return exact
    },
  }
}
