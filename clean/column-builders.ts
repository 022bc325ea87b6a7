// Gathers selected rows of many batches into one column of a part. What stood in missing slots is replaced by zeros.
import { strict as assert } from 'node:assert'
import { type Column, type ColumnType, isValid, type Validity } from '../schemas/columns.ts'
import { extend, type Growable, growable, takeAll } from './growable.ts'
import { validityBuilder } from './validity-builder.ts'

export interface ColumnBuilder {
  /** Appends the values of `rows`, indexes into `column`. */
  append(column: Column, rows: Int32Array): void
  /** The column of everything appended since the last take, in arrays that nothing else refers to. */
  take(): Column
}

/** A column's type, with what a list needs to be allocated. */
export type BuilderSpec =
  | { readonly type: Exclude<ColumnType, 'list'> }
  | { readonly type: 'list'; readonly width: number; readonly bytes: boolean }

/** A builder for parts of at most `maxRows` rows. */
export function columnBuilder(spec: BuilderSpec, maxRows: number): ColumnBuilder {
  switch (spec.type) {
    case 'utf8':
    case 'binary':
      return bytesBuilder(spec.type, maxRows)
    case 'dictionary':
      return dictionaryBuilder(maxRows)
    case 'list':
      return listBuilder(spec.width, spec.bytes, maxRows)
    case 'int64':
      return int64Builder(maxRows)
    case 'float64':
      return float64Builder(maxRows)
    case 'int32':
      return int32Builder(maxRows)
    case 'bool':
      return boolBuilder(maxRows)
  }
}

const float64s = (length: number): Float64Array => new Float64Array(length)
const float32s = (length: number): Float32Array => new Float32Array(length)
const int32s = (length: number): Int32Array => new Int32Array(length)
const uint8s = (length: number): Uint8Array => new Uint8Array(length)

function float64Builder(maxRows: number): ColumnBuilder {
  const values = growable(maxRows, float64s)
  const validity = validityBuilder(maxRows)
  return {
    append(column, rows) {
      assert(column.type === 'float64')
      const start = extend(values, rows.length)
      for (let i = 0; i < rows.length; i++) values.array[start + i] = column.values[rows[i]!]!
      zeroMissing(values.array, start, column.valid, rows)
      validity.append(column.valid, rows, start)
    },
    take() {
      const valid = validity.take(values.length)
      return { type: 'float64', values: takeAll(values), valid }
    },
  }
}

function int32Builder(maxRows: number): ColumnBuilder {
  const values = growable(maxRows, int32s)
  const validity = validityBuilder(maxRows)
  return {
    append(column, rows) {
      assert(column.type === 'int32')
      const start = extend(values, rows.length)
      for (let i = 0; i < rows.length; i++) values.array[start + i] = column.values[rows[i]!]!
      zeroMissing(values.array, start, column.valid, rows)
      validity.append(column.valid, rows, start)
    },
    take() {
      const valid = validity.take(values.length)
      return { type: 'int32', values: takeAll(values), valid }
    },
  }
}

function boolBuilder(maxRows: number): ColumnBuilder {
  const values = growable(maxRows, uint8s)
  const validity = validityBuilder(maxRows)
  return {
    append(column, rows) {
      assert(column.type === 'bool')
      const start = extend(values, rows.length)
      for (let i = 0; i < rows.length; i++) values.array[start + i] = column.values[rows[i]!]!
      zeroMissing(values.array, start, column.valid, rows)
      validity.append(column.valid, rows, start)
    },
    take() {
      const valid = validity.take(values.length)
      return { type: 'bool', values: takeAll(values), valid }
    },
  }
}

function zeroMissing(array: { [index: number]: number }, start: number, valid: Validity, rows: Int32Array): void {
  if (valid === null) return
  for (let i = 0; i < rows.length; i++) if (!isValid(valid, rows[i]!)) array[start + i] = 0
}

/** Copies 64-bit integers as pairs of 32-bit words: a BigInt per value costs ten times as much. */
function int64Builder(maxRows: number): ColumnBuilder {
  const words = growable(2 * maxRows, int32s)
  const validity = validityBuilder(maxRows)
  return {
    append(column, rows) {
      assert(column.type === 'int64')
      const from = new Int32Array(column.values.buffer, column.values.byteOffset, 2 * column.values.length)
      const start = extend(words, 2 * rows.length)
      const { array } = words
      for (let i = 0; i < rows.length; i++) {
        const missing = column.valid !== null && !isValid(column.valid, rows[i]!)
        array[start + 2 * i] = missing ? 0 : from[2 * rows[i]!]!
        array[start + 2 * i + 1] = missing ? 0 : from[2 * rows[i]! + 1]!
      }
      validity.append(column.valid, rows, start / 2)
    },
    take() {
      const valid = validity.take(words.length / 2)
      const { buffer, length } = takeAll(words)
      return { type: 'int64', values: new BigInt64Array(buffer, 0, length / 2), valid }
    },
  }
}

const MAX_BYTES = 2 ** 31 - 1

function bytesBuilder(type: 'utf8' | 'binary', maxRows: number): ColumnBuilder {
  const bytes = growable(MAX_BYTES, uint8s)
  const ends = growable(maxRows, int32s)
  const validity = validityBuilder(maxRows)
  return {
    append(column, rows) {
      assert(column.type === type)
      const start = extend(ends, rows.length)
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!
        if (isValid(column.valid, row)) appendBytes(bytes, column.bytes, column.offsets[row]!, column.offsets[row + 1]!)
        ends.array[start + i] = bytes.length
      }
      validity.append(column.valid, rows, start)
    },
    take() {
      const valid = validity.take(ends.length)
      const offsets = new Int32Array(ends.length + 1)
      offsets.set(ends.array.subarray(0, ends.length), 1)
      ends.length = 0
      return { type, offsets, bytes: takeAll(bytes), valid }
    },
  }
}

function appendBytes(buffer: Growable<Uint8Array>, source: Uint8Array, from: number, to: number): void {
  assert(buffer.length + (to - from) <= MAX_BYTES, 'the texts of one part take less than 2 GiB')
  const start = extend(buffer, to - from)
  const { array } = buffer
  // below some 64 bytes a call costs more than the loop
  if (to - from > 64) array.set(source.subarray(from, to), start)
  else for (let i = 0; i < to - from; i++) array[start + i] = source[from + i]!
}

/** Every batch has its own dictionary: codes are mapped to the part's, which is in order of first appearance within the part. */
function dictionaryBuilder(maxRows: number): ColumnBuilder {
  const codes = growable(maxRows, int32s)
  const validity = validityBuilder(maxRows)
  let codeOf = new Map<string, number>()
  return {
    append(column, rows) {
      assert(column.type === 'dictionary')
      const mapped = new Int32Array(column.dictionary.length).fill(-1)
      const start = extend(codes, rows.length)
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!
        const code = column.codes[row]!
        const missing = !isValid(column.valid, row)
        if (!missing && mapped[code] === -1) mapped[code] = codeFor(codeOf, column.dictionary[code]!)
        codes.array[start + i] = missing ? 0 : mapped[code]!
      }
      validity.append(column.valid, rows, start)
    },
    take() {
      const valid = validity.take(codes.length)
      const dictionary = [...codeOf.keys()]
      codeOf = new Map()
      return { type: 'dictionary', codes: takeAll(codes), dictionary, valid }
    },
  }
}

function codeFor(codeOf: Map<string, number>, value: string): number {
  const known = codeOf.get(value)
  if (known !== undefined) return known
  codeOf.set(value, codeOf.size)
  return codeOf.size - 1
}

function listBuilder(width: number, bytes: boolean, maxRows: number): ColumnBuilder {
  const values = growable<Uint8Array | Float32Array>(maxRows * width, bytes ? uint8s : float32s)
  const validity = validityBuilder(maxRows)
  return {
    append(column, rows) {
      assert(column.type === 'list' && column.width === width)
      assert(column.values.constructor === values.array.constructor, 'list elements are stored as the plan says')
      let to = extend(values, rows.length * width)
      validity.append(column.valid, rows, to / width)
      for (const row of rows) {
        if (isValid(column.valid, row)) values.array.set(column.values.subarray(row * width, (row + 1) * width), to)
        else values.array.fill(0, to, to + width)
        to += width
      }
    },
    take() {
      const valid = validity.take(values.length / width)
      return { type: 'list', width, values: takeAll(values), valid }
    },
  }
}
