// Columns that grow a row at a time: typed arrays and bitmaps, no objects per value.
import assert from 'node:assert/strict'
import type { Column, Validity } from '../schemas/columns.ts'

const FIRST_ROWS = 1024
const FIRST_BYTES = 16 * 1024
const MAX_INT32 = 2 ** 31 - 1

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array

/** The same array, or one of at least twice the size with the same contents. */
function roomFor<T extends Numbers>(array: T, length: number): T {
  if (length <= array.length) return array
  const Kind = array.constructor as new (length: number) => T
  const larger = new Kind(Math.max(length, array.length * 2))
  larger.set(array)
  return larger
}

/** The first `length` elements, without holding on to much unused memory. */
function trimmed<T extends Numbers>(array: T, length: number): T {
  return (length * 8 >= array.length * 7 ? array.subarray(0, length) : array.slice(0, length)) as T
}

/** Validity bits of a column that is filled from row 0 up; no bitmap until the first missing value. */
export interface ValidityBuilder {
  /** must be called for every row, in order */
  push(isValid: boolean): void
  finish(): Validity
}

export function buildValidity(): ValidityBuilder {
  let bits: Uint8Array | null = null
  let rows = 0
  return {
    push(isValid) {
      if (bits === null && isValid) {
        rows++
        return
      }
      bits = roomFor(bits ?? allValid(rows), (rows >> 3) + 1)
      if (isValid) bits[rows >> 3]! |= 1 << (rows & 7)
      rows++
    },
    finish: () => (bits === null ? null : trimmed(roomFor(bits, (rows + 7) >> 3), (rows + 7) >> 3)),
  }
}

function allValid(rows: number): Uint8Array {
  const bits = new Uint8Array(Math.max(FIRST_ROWS >> 3, (rows >> 3) + 1))
  bits.fill(255, 0, rows >> 3)
  bits[rows >> 3] = (1 << (rows & 7)) - 1
  return bits
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
  let buffer = Buffer.alloc(FIRST_BYTES)
  let rows = 0
  let end = 0
  const reserve = (length: number): void => {
    assert(end + length <= MAX_INT32, 'a column of one segment holds at most 2 GiB')
    if (end + length > buffer.length) buffer = grown(buffer, end + length)
  }
  const close = (isValid: boolean): void => {
    valid.push(isValid)
    rows++
    offsets = roomFor(offsets, rows + 1)
    offsets[rows] = end
  }
  return {
    push(text) {
      reserve(text.length * 3) // UTF-16 units become at most three bytes
      end += buffer.write(text, end, 'utf8')
      close(true)
    },
    pushBytes(source, start, length) {
      reserve(length)
      buffer.set(source.subarray(start, start + length), end)
      end += length
      close(true)
    },
    pushNull: () => close(false),
    finish: () => {
      const bytes = trimmed(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length), end)
      return { type, offsets: trimmed(offsets, rows + 1), bytes, valid: valid.finish() }
    },
  }
}

function grown(buffer: Buffer, length: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.max(length, buffer.length * 2))
  buffer.copy(larger)
  return larger
}

/** One number per row. */
export interface NumberBuilder {
  push(value: number): void
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
  const add = (value: number, isValid: boolean): void => {
    values = roomFor(values, rows + 1)
    values[rows++] = value
    valid.push(isValid)
  }
  return {
    push: (value) => add(value, true),
    pushNull: () => add(0, false),
    finish: () => columnOf(trimmed(values, rows), valid.finish()),
  }
}

/** 64-bit integers from numbers that are safe integers, as two halves: BigInts are ten times slower. Little-endian machines only, as Arrow. */
export function buildInt64(): NumberBuilder {
  const valid = buildValidity()
  let halves = new Int32Array(FIRST_ROWS * 2)
  let rows = 0
  const add = (value: number, isValid: boolean): void => {
    halves = roomFor(halves, rows * 2 + 2)
    halves[rows * 2] = value
    halves[rows * 2 + 1] = Math.floor(value / 4294967296)
    rows++
    valid.push(isValid)
  }
  return {
    push: (value) => add(value, true),
    pushNull: () => add(0, false),
    finish: () => {
      const kept = trimmed(halves, rows * 2)
      const values = new BigInt64Array(kept.buffer as ArrayBuffer, kept.byteOffset, rows)
      return { type: 'int64', values, valid: valid.finish() }
    },
  }
}

/** Strings by code; the dictionary is in order of first appearance. */
export interface DictionaryBuilder {
  has(text: string): boolean
  push(text: string): void
  pushNull(): void
  finish(): Column
}

export function buildDictionary(): DictionaryBuilder {
  const valid = buildValidity()
  const codeByText = new Map<string, number>()
  let codes = new Int32Array(FIRST_ROWS)
  let rows = 0
  const add = (code: number, isValid: boolean): void => {
    codes = roomFor(codes, rows + 1)
    codes[rows++] = code
    valid.push(isValid)
  }
  return {
    has: (text) => codeByText.has(text),
    push(text) {
      let code = codeByText.get(text)
      if (code === undefined) {
        code = codeByText.size
        codeByText.set(text, code)
      }
      add(code, true)
    },
    pushNull: () => add(0, false),
    finish: () => ({
      type: 'dictionary',
      codes: trimmed(codes, rows),
      dictionary: [...codeByText.keys()],
      valid: valid.finish(),
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
  const close = (isValid: boolean): void => {
    rows++
    valid.push(isValid)
  }
  const room = (): void => {
    values = roomFor(values, (rows + 1) * width)
  }
  return {
    slot() {
      room()
      return { values, start: rows * width }
    },
    push: () => close(true),
    pushNull() {
      room()
      values.fill(0, rows * width, (rows + 1) * width)
      close(false)
    },
    finish: () => ({ type: 'list', width, values: trimmed(values, rows * width), valid: valid.finish() }),
  }
}
