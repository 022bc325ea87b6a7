// A position in the bytes of a value, for decoders of binary formats: no read goes past the end.
import { BytesProblem } from '../rows/schema-problem.ts'

export interface Cursor {
  bytes: Buffer
  at: number
  /** exclusive */
  end: number
  /** records in each other that are being skipped */
  depth: number
}

let viewed: ArrayBufferLike | null = null
let view: DataView = new DataView(new ArrayBuffer(0))

/** Reads of numbers of fixed size: ten times as fast as those of Buffer, which copy byte by byte. The last buffer's view is kept. */
function viewOf(bytes: Buffer): DataView {
  if (bytes.buffer !== viewed) {
    viewed = bytes.buffer
    view = new DataView(bytes.buffer)
  }
  return view
}

export function readDouble(cursor: Cursor): number {
  const start = take(cursor, 8)
  return viewOf(cursor.bytes).getFloat64(cursor.bytes.byteOffset + start, true)
}

export function readFloat(cursor: Cursor): number {
  const start = take(cursor, 4)
  return viewOf(cursor.bytes).getFloat32(cursor.bytes.byteOffset + start, true)
}

/** Moves the cursor over `length` bytes; returns where they start. */
export function take(cursor: Cursor, length: number): number {
  const start = cursor.at
  if (!(length >= 0 && length <= cursor.end - start))
    throw new BytesProblem(`expected ${length} bytes, found ${cursor.end - start}`)
  cursor.at = start + length
  return start
}

/** An unsigned number in groups of 7 bits, lowest first, as a double: exact below 2^53. At most 10 bytes. */
export function readVarint(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  let byte = at < end ? bytes[at++]! : 0x80
  let value = byte & 127
  for (let scale = 128; byte >= 128; scale *= 128) {
    if (at >= end || at - cursor.at >= 10) throw new BytesProblem('expected a whole number, found its beginning')
    byte = bytes[at++]!
    value += (byte & 127) * scale
  }
  cursor.at = at
  return value
}

/** The same, exactly, as 64 bits without sign. */
export function readBigVarint(cursor: Cursor): bigint {
  const start = cursor.at
  readVarint(cursor)
  let value = 0n
  for (let at = cursor.at - 1; at >= start; at--) value = (value << 7n) | BigInt(cursor.bytes[at]! & 127)
  return BigInt.asUintN(64, value)
}

/** Zigzag: 0, −1, 1, −2 … are 0, 1, 2, 3 …; a number where that is exact, else a bigint. */
export function readZigzag(cursor: Cursor): number | bigint {
  const start = cursor.at
  const value = readVarint(cursor)
  if (value <= Number.MAX_SAFE_INTEGER) return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  cursor.at = start
  const exact = readBigVarint(cursor)
  return plain(exact & 1n ? -((exact >> 1n) + 1n) : exact >> 1n)
}

/** A number where that is exact. */
export function plain(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
