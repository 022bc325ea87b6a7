// Columns that grow a row at a time: typed arrays and bitmaps, no objects per value.
import assert from 'node:assert/strict'
import type { Column, Validity } from '../../schemas/columns.ts'
import { buildValidity, FIRST_ROWS, type Numbers, roomFor, trimmed } from './grow.ts'

const FIRST_BYTES = 16 * 1024
const SHORT_BYTES = 48
const MAX_INT32 = 2 ** 31 - 1

/** What all builders can do. `store` is theirs to grow: decoders of binary formats write a row into it without a call per value. */
interface Builder<S> {
  readonly store: S
  pushNull(): void
  /** forgets the row `rows`, if it was pushed already: the record did not become a row */
  rewind(rows: number): void
  finish(): Column
}

/** Row r is bytes [offsets[r], offsets[r + 1]). */
export interface BytesStore {
  offsets: Int32Array
  bytes: Buffer<ArrayBuffer>
  rows: number
}

/** Variable-length values. */
export interface BytesBuilder extends Builder<BytesStore> {
  push(text: string): void
  /** bytes [start, start + length) of `source`, copied */
  pushBytes(source: Uint8Array, start: number, length: number): void
}

export function buildBytes(type: 'utf8' | 'binary'): BytesBuilder {
  const valid = buildValidity()
  const store = { offsets: new Int32Array(FIRST_ROWS), bytes: Buffer.from(new ArrayBuffer(FIRST_BYTES)), rows: 0 }
  return {
    store,
    push(text) {
      const end = reserveBytes(store, text.length * 3) // UTF-16 units become at most three bytes
      closeRow(store, end + store.bytes.write(text, end, 'utf8'))
    },
    pushBytes(source, start, length) {
      const end = reserveBytes(store, length)
      const { bytes } = store
      // views and native copies cost more than short loops
      if (length > SHORT_BYTES) bytes.set(source.subarray(start, start + length), end)
      else for (let i = 0; i < length; i++) bytes[end + i] = source[start + i]!
      closeRow(store, end + length)
    },
    pushNull() {
      valid.markMissing(store.rows)
      closeRow(store, store.offsets[store.rows]!)
    },
    rewind(rows) {
      store.rows = rows
      valid.unmark(rows)
    },
    finish: () => {
      const { offsets, rows } = store
      const bytes = trimmed(new Uint8Array(store.bytes.buffer), offsets[rows]!)
      return { type, offsets: trimmed(offsets, rows + 1), bytes, valid: valid.finish(rows) }
    },
  }
}

/** Room for a row of so many bytes; returns where it starts. */
export function reserveBytes(store: BytesStore, length: number): number {
  const end = store.offsets[store.rows]!
  assert(end + length <= MAX_INT32, 'a column of one segment holds at most 2 GiB')
  if (end + length > store.bytes.length) store.bytes = grown(store.bytes, end + length)
  return end
}

/** The bytes up to `end` are the row. */
export function closeRow(store: BytesStore, end: number): void {
  const rows = ++store.rows
  if (rows === store.offsets.length) store.offsets = roomFor(store.offsets, rows + 1)
  store.offsets[rows] = end
}

function grown(buffer: Buffer<ArrayBuffer>, length: number): Buffer<ArrayBuffer> {
  return Buffer.from(buffer.buffer.transfer(Math.max(length, buffer.length * 2)))
}

export interface NumberStore {
  /** int64: two halves a row */
  values: Numbers
  rows: number
}

/** One number per row. */
export interface NumberBuilder extends Builder<NumberStore> {
  push(value: number): void
  /** source[0]; a double in an argument would be allocated anew for every call */
  pushFirst(source: Float64Array): void
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
  const store = { values: first, rows: 0 }
  const push = (value: number): void => {
    if (store.rows === store.values.length) store.values = roomFor(store.values, store.rows + 1)
    store.values[store.rows++] = value
  }
  return {
    store,
    push,
    pushFirst: (source) => pushFirst(store, source),
    pushNull() {
      valid.markMissing(store.rows)
      push(0)
    },
    rewind(rows) {
      store.rows = rows
      valid.unmark(rows)
    },
    finish: () => columnOf(trimmed(store.values, store.rows), valid.finish(store.rows)),
  }
}

/** source[0] as the next row, for all stores but those of 64-bit integers. */
export function pushFirst(store: NumberStore, source: Float64Array): void {
  if (store.rows === store.values.length) store.values = roomFor(store.values, store.rows + 1)
  store.values[store.rows++] = source[0]!
}

/** 64-bit integers from numbers that are safe integers, as two halves: BigInts are ten times slower. Little-endian machines only, as Arrow. */
export function buildInt64(): NumberBuilder {
  const valid = buildValidity()
  const store = { values: new Int32Array(FIRST_ROWS * 2), rows: 0 }
  const held = new Float64Array(1)
  const push = (value: number): void => {
    held[0] = value
    pushInt64(store, held)
  }
  return {
    store,
    push,
    pushFirst: (source) => pushInt64(store, source),
    pushNull() {
      valid.markMissing(store.rows)
      push(0)
    },
    rewind(rows) {
      store.rows = rows
      valid.unmark(rows)
    },
    finish: () => {
      const kept = trimmed(store.values, store.rows * 2)
      const values = new BigInt64Array(kept.buffer as ArrayBuffer, kept.byteOffset, store.rows)
      return { type: 'int64', values, valid: valid.finish(store.rows) }
    },
  }
}

/** source[0], a safe integer, as the next row of 64 bits. */
export function pushInt64(store: NumberStore, source: Float64Array): void {
  const at = store.rows++ * 2
  if (at === store.values.length) store.values = roomFor(store.values, at + 2)
  const value = source[0]!
  store.values[at] = value
  store.values[at + 1] = Math.floor(value / 4294967296)
}

/** A 64-bit integer of any size as the next row. */
export function pushBigInt64(store: NumberStore, value: bigint): void {
  const at = store.rows++ * 2
  if (at === store.values.length) store.values = roomFor(store.values, at + 2)
  store.values[at] = Number(BigInt.asIntN(32, value))
  store.values[at + 1] = Number(value >> 32n)
}

export interface CodeStore {
  codes: Int32Array
  rows: number
}

/** Strings by code; the dictionary is in order of first appearance. */
export interface DictionaryBuilder extends Builder<CodeStore> {
  has(text: string): boolean
  /** −1: not in the dictionary yet */
  codeOf(text: string): number
  push(text: string): void
  /** one that codeOf gave */
  pushCode(code: number): void
}

export function buildDictionary(): DictionaryBuilder {
  const valid = buildValidity()
  const codeByText = new Map<string, number>()
  const store = { codes: new Int32Array(FIRST_ROWS), rows: 0 }
  let newest = { text: '', row: -1 }
  return {
    store,
    has: (text) => codeByText.has(text),
    codeOf: (text) => codeByText.get(text) ?? -1,
    pushCode: (code) => pushCode(store, code),
    push(text) {
      let code = codeByText.get(text)
      if (code === undefined) {
        code = codeByText.size
        codeByText.set(text, code)
        newest = { text, row: store.rows }
      }
      pushCode(store, code)
    },
    pushNull() {
      valid.markMissing(store.rows)
      pushCode(store, 0)
    },
    rewind(rows) {
      store.rows = rows
      valid.unmark(rows)
      if (newest.row === rows) codeByText.delete(newest.text)
    },
    finish: () => ({
      type: 'dictionary',
      codes: trimmed(store.codes, store.rows),
      dictionary: [...codeByText.keys()],
      valid: valid.finish(store.rows),
    }),
  }
}

export function pushCode(store: CodeStore, code: number): void {
  if (store.rows === store.codes.length) store.codes = roomFor(store.codes, store.rows + 1)
  store.codes[store.rows++] = code
}

export interface ListStore {
  values: Uint8Array | Float32Array
  rows: number
  readonly width: number
}

/** Rows of `width` numbers, written in place: the row at `slot()` counts once it is pushed. */
export interface ListBuilder extends Builder<ListStore> {
  /** makes room in the store for the next row; returns where that row starts in its values */
  slot(): number
  /** keeps what was written to the slot */
  push(): void
}

export function buildList(width: number, element: 'byte' | 'float32'): ListBuilder {
  const valid = buildValidity()
  const first = element === 'byte' ? new Uint8Array(width * 64) : new Float32Array(width * 64)
  const store: ListStore = { values: first, rows: 0, width }
  return {
    store,
    slot: () => reserveList(store),
    push() {
      store.rows++
    },
    pushNull() {
      const start = reserveList(store)
      store.values.fill(0, start, start + width)
      valid.markMissing(store.rows++)
    },
    rewind(rows) {
      store.rows = rows
      valid.unmark(rows)
    },
    finish: () => ({
      type: 'list',
      width,
      values: trimmed(store.values, store.rows * width),
      valid: valid.finish(store.rows),
    }),
  }
}

/** Room for the next row; returns where it starts. */
export function reserveList(store: ListStore): number {
  const start = store.rows * store.width
  if (start + store.width > store.values.length) store.values = roomFor(store.values, start + store.width)
  return start
}
