// One form per content: equal rows become equal arrays, so that equal rows become equal bytes.
import assert from 'node:assert/strict'
import { type Column, isValid, type Validity } from '../../schemas/columns.ts'
import { countBits, trimBits } from './bitmap.ts'

/**
 * The column with arrays of exact length, no bitmap where nothing is missing, and zeros (or no bytes) in missing slots.
 * Arrays that are in that form already are viewed, not copied.
 */
export function canonicalColumn(column: Column, rows: number): Column {
  const valid = canonicalValidity(column.valid, rows)
  switch (column.type) {
    case 'utf8':
    case 'binary':
      return { type: column.type, ...canonicalBytesOf(column, { rows, valid }), valid }
    case 'dictionary':
      return { ...column, codes: withoutGarbage(column.codes, { rows, width: 1, valid }), valid }
    case 'list':
      return { ...column, values: withoutGarbage(column.values, { rows, width: column.width, valid }), valid }
    case 'float64':
      return { type: 'float64', values: withoutGarbage(column.values, { rows, width: 1, valid }), valid }
    case 'int32':
      return { type: 'int32', values: withoutGarbage(column.values, { rows, width: 1, valid }), valid }
    case 'int64':
      return { type: 'int64', values: withoutGarbage(column.values, { rows, width: 1, valid }), valid }
    case 'bool':
      return { type: 'bool', values: withoutGarbage(column.values, { rows, width: 1, valid }), valid }
  }
}

function canonicalValidity(valid: Validity, rows: number): Validity {
  if (valid === null) return null
  assert(valid.length >= (rows + 7) >> 3, 'the bitmap has a bit per row')
  return countBits(valid, rows) === rows ? null : trimBits(valid, rows)
}

type Values = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array

interface Slots {
  readonly rows: number
  /** elements per row */
  readonly width: number
  readonly valid: Validity
}

/** Exact length, zeros where the row is missing. Copies only when there is garbage to overwrite. */
function withoutGarbage<T extends Values>(values: T, { rows, width, valid }: Slots): T {
  assert(values.length >= rows * width, 'the column has a value per row')
  const exact = values.subarray(0, rows * width) as T
  if (valid === null) return exact
  const zero = exact instanceof BigInt64Array ? 0n : 0
  const isZero = (at: number): boolean => Object.is(exact[at], zero)
  let clean: T | null = null
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, row)) continue
    for (let at = row * width; at < (row + 1) * width; at++) {
      if (isZero(at)) continue
      clean ??= exact.slice() as T
      clean[at] = zero
    }
  }
  return clean ?? exact
}

interface Strings {
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

/** Offsets that start at 0, bytes that end with the last row, nothing behind missing rows. */
function canonicalBytesOf({ offsets, bytes }: Strings, { rows, valid }: Omit<Slots, 'width'>): Strings {
  assert(offsets.length > rows, 'offsets has rows + 1 elements')
  if (offsets[0] === 0 && missingAreEmpty(offsets, { rows, valid })) {
    return { offsets: offsets.subarray(0, rows + 1), bytes: bytes.subarray(0, offsets[rows]) }
  }
  const packedOffsets = new Int32Array(rows + 1)
  const packed = new Uint8Array(offsets[rows]! - offsets[0]!)
  let end = 0
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, row)) {
      packed.set(bytes.subarray(offsets[row], offsets[row + 1]), end)
      end += offsets[row + 1]! - offsets[row]!
    }
    packedOffsets[row + 1] = end
  }
  return { offsets: packedOffsets, bytes: packed.subarray(0, end) }
}

function missingAreEmpty(offsets: Int32Array, { rows, valid }: Omit<Slots, 'width'>): boolean {
  if (valid === null) return true
  for (let row = 0; row < rows; row++) {
    if (offsets[row] !== offsets[row + 1] && !isValid(valid, row)) return false
  }
  return true
}
