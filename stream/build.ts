// Columns that grow a row at a time: typed arrays and bitmaps, no objects per value.
import assert from 'node:assert/strict'
import type { Column, Validity } from '../schemas/columns.ts'

const FIRST_ROWS = 1024
const FIRST_BYTES = 16 * 1024
const SHORT_BYTES = 48
const MAX_INT32 = 2 ** 31 - 1

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array

/** The same array, or one of at least twice the size with the same contents; the old one's memory is free at once. */
function roomFor<T extends Numbers>(array: T, length: number): T {
  return length <= array.length ? array : resized(array, Math.max(length, array.length * 2))
}

/** The first `length` elements, without holding on to much unused memory. */
function trimmed<T extends Numbers>(array: T, length: number): T {
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
  finish(rows: number): Validity
}

export function buildValidity(): ValidityBuilder {
  let bits: Uint8Array | null = null
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
    },
    finish(rows) {
      if (bits === null) return null
      const bytes = (rows + 7) >> 3
      const exact = trimmed(reserve(bytes), bytes)
      if ((rows & 7) !== 0) exact[bytes - 1]! &= (1 << (rows & 7)) - 1
      return exact
    },
  }
}

/** Variable-length values. */
export interface BytesBuilder {
  push(text: string): void
  /** bytes [start, start + length) of `source`, copied */
  pushBytes(source: Uint8Array, start: number, length: number): void
  pushNull(): void
  finish(): Column
}

export function buildBytes(type: 'utf8' | 'binary'): BytesBuilder {
  const valid = buildValidity()
  let offsets = new Int32Array(FIRST_ROWS)
  let buffer = Buffer.from(new ArrayBuffer(FIRST_BYTES))
  let rows = 0
  let end = 0
  const reserve = (length: number): void => {
    assert(end + length <= MAX_INT32, 'a column of one segment holds at most 2 GiB')
    if (end + length > buffer.length) buffer = grown(buffer, end + length)
  }
  const close = (): void => {
    rows++
    if (rows === offsets.length) offsets = roomFor(offsets, rows + 1)
    offsets[rows] = end
  }
  return {
    push(text) {
      reserve(text.length * 3) // UTF-16 units become at most three bytes
      end += buffer.write(text, end, 'utf8')
      close()
    },
    pushBytes(source, start, length) {
      reserve(length)
      // views and native copies cost more than short loops
      if (length > SHORT_BYTES) buffer.set(source.subarray(start, start + length), end)
      else for (let i = 0; i < length; i++) buffer[end + i] = source[start + i]!
      end += length
      close()
    },
    pushNull() {
      valid.markMissing(rows)
      close()
    },
    finish: () => {
      const bytes = trimmed(new Uint8Array(buffer.buffer), end)
      return { type, offsets: trimmed(offsets, rows + 1), bytes, valid: valid.finish(rows) }
    },
  }
}

function grown(buffer: Buffer<ArrayBuffer>, length: number): Buffer<ArrayBuffer> {
  return Buffer.from(buffer.buffer.transfer(Math.max(length, buffer.length * 2)))
}

/** One number per row. */
export interface NumberBuilder {
  push(value: number): void
  /** source[0]; a double in an argument would be allocated anew for every call */
  pushFirst(source: Float64Array): void
  pushNull(): void
  finish(): Column
}

export const buildFloat64 = (): NumberBuilder =>
  buildNumbers(new Float64Array(FIRST_ROWS), (values, valid) => ({ type: 'float64', values, valid }))

export const buildInt32 = (): NumberBuilder =>
  buildNumbers(new Int32Array(FIRST_ROWS), (values, valid) => ({ type: 'int32', values, valid }))

/** Values 0 and 1. */
export const buildBool = (): NumberBuilder =>
  buildNumbers(new Uint8Array(FIRST_ROWS), (values, valid) => ({ type: 'bool', values, valid }))

function buildNumbers<T extends Numbers>(first: T, columnOf: (values: T, valid: Validity) => Column): NumberBuilder {
  const valid = buildValidity()
  let values = first
  let rows = 0
  const push = (value: number): void => {
    if (rows === values.length) values = roomFor(values, rows + 1)
    values[rows++] = value
  }
  return {
    push,
    pushFirst(source) {
      if (rows === values.length) values = roomFor(values, rows + 1)
      values[rows++] = source[0]!
    },
    pushNull() {
      valid.markMissing(rows)
      push(0)
    },
    finish: () => columnOf(trimmed(values, rows), valid.finish(rows)),
  }
}

/** 64-bit integers from numbers that are safe integers, as two halves: BigInts are ten times slower. Little-endian machines only, as Arrow. */
export function buildInt64(): NumberBuilder {
  const valid = buildValidity()
  let halves = new Int32Array(FIRST_ROWS * 2)
  let rows = 0
  const push = (value: number): void => {
    if (rows * 2 === halves.length) halves = roomFor(halves, rows * 2 + 2)
    halves[rows * 2] = value
    halves[rows * 2 + 1] = Math.floor(value / 4294967296)
    rows++
  }
  return {
    push,
    pushFirst: (source) => push(source[0]!),
    pushNull() {
      valid.markMissing(rows)
      push(0)
    },
    finish: () => {
      const kept = trimmed(halves, rows * 2)
      const values = new BigInt64Array(kept.buffer as ArrayBuffer, kept.byteOffset, rows)
      return { type: 'int64', values, valid: valid.finish(rows) }
    },
  }
}

/** Strings by code; the dictionary is in order of first appearance. */
export interface DictionaryBuilder {
  has(text: string): boolean
  /** −1: not in the dictionary yet */
  codeOf(text: string): number
  push(text: string): void
  /** one that codeOf gave */
  pushCode(code: number): void
  pushNull(): void
  finish(): Column
}

export function buildDictionary(): DictionaryBuilder {
  const valid = buildValidity()
  const codeByText = new Map<string, number>()
  let codes = new Int32Array(FIRST_ROWS)
  let rows = 0
  const pushCode = (code: number): void => {
    if (rows === codes.length) codes = roomFor(codes, rows + 1)
    codes[rows++] = code
  }
  return {
    has: (text) => codeByText.has(text),
    codeOf: (text) => codeByText.get(text) ?? -1,
    pushCode,
    push(text) {
      let code = codeByText.get(text)
      if (code === undefined) {
        code = codeByText.size
        codeByText.set(text, code)
      }
      pushCode(code)
    },
    pushNull() {
      valid.markMissing(rows)
      pushCode(0)
    },
    finish: () => ({
      type: 'dictionary',
      codes: trimmed(codes, rows),
      dictionary: [...codeByText.keys()],
      valid: valid.finish(rows),
    }),
  }
}

/** Rows of `width` numbers, written in place: the row at `slot()` counts once it is pushed. */
export interface ListBuilder {
  /** the array with room for the next row, and where that row starts in it */
  slot(): { readonly values: Uint8Array | Float32Array; readonly start: number }
  /** keeps what was written to the slot */
  push(): void
  pushNull(): void
  finish(): Column
}

export function buildList(width: number, element: 'byte' | 'float32'): ListBuilder {
  const valid = buildValidity()
  let values: Uint8Array | Float32Array = element === 'byte' ? new Uint8Array(width * 64) : new Float32Array(width * 64)
  let rows = 0
  const room = (): void => {
    values = roomFor(values, (rows + 1) * width)
  }
  return {
    slot() {
      room()
      return { values, start: rows * width }
    },
    push() {
      rows++
    },
    pushNull() {
      room()
      values.fill(0, rows * width, (rows + 1) * width)
      valid.markMissing(rows++)
    },
    finish: () => ({ type: 'list', width, values: trimmed(values, rows * width), valid: valid.finish(rows) }),
  }
}
