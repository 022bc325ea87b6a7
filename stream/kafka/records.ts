// The records of a batch, one after the other, from a window of its inflated bytes.
import { failure } from '../../schemas/failures.ts'
import type { RawRecord } from '../record.ts'
import { type BatchHeader, type Source, unreadable } from './batch.ts'
import type { Window } from './window.ts'

/*
 * Record => length attributes timestampDelta offsetDelta keyLength key valueLength value headers
 *   length          VARINT   bytes after this field
 *   attributes      INT8     unused
 *   timestampDelta  VARLONG
 *   offsetDelta     VARINT
 *   keyLength       VARINT   −1: null
 *   valueLength     VARINT   −1: null
 *   headers         [Header] left as they are: see rows/headers.ts
 * VARINT and VARLONG are zigzag: 0, −1, 1, −2 … are 0, 1, 2, 3 …, in groups of 7 bits, lowest first.
 */
const MAX_LENGTH_BYTES = 5

export interface RecordReader {
  readonly source: Source
  readonly batch: BatchHeader
  readonly maxRecordBytes: number
  readonly window: Window
  /** the record that was read last; its bytes are the window's */
  readonly record: RawRecord
}

/** A record before the first one of these bytes. */
export function emptyRecord(bytes: Buffer): RawRecord {
  const nothing = { keyStart: 0, keyLength: -1, valueStart: 0, valueLength: -1, headersStart: 0, headersEnd: 0 }
  return { offset: 0, timestamp: 0, bytes, ...nothing }
}

/**
 * Fills the reader's record from its window; false, and nothing read, when the window ends before the record does.
 * Throws BATCH_UNREADABLE when the record overruns its own length, RECORD_TOO_LARGE.
 */
export function readRecord(reader: RecordReader): boolean {
  const { window, record, batch } = reader
  const start = window.at
  const length = readVarint(window)
  const end = window.at + length
  if (length > reader.maxRecordBytes || end > window.end || window.at > window.end) {
    const lengthBytes = window.at - start
    window.at = start
    return isWanting(reader, length, lengthBytes)
  }
  window.at++ // attributes
  const deltaAt = window.at
  const delta = readVarlong(window)
  record.timestamp = batch.appendTimestamp ?? timestampAfter(batch.baseTimestamp, delta, window.bytes, deltaAt)
  record.offset = batch.baseOffset + readVarint(window)
  record.keyLength = readVarint(window)
  record.keyStart = window.at
  if (record.keyLength > 0) window.at += record.keyLength
  record.valueLength = readVarint(window)
  record.valueStart = window.at
  if (record.valueLength > 0) window.at += record.valueLength
  if (window.at > end) throw overrun(reader)
  record.headersStart = window.at
  record.headersEnd = end
  window.at = end
  return true
}

/** false: the record may go on behind the window. */
function isWanting(
  { source, batch, window, maxRecordBytes }: RecordReader,
  length: number,
  lengthBytes: number,
): false {
  // what stands behind the window is of another time: of a length that reaches there nothing is known
  if (lengthBytes > MAX_LENGTH_BYTES && window.end - window.at >= MAX_LENGTH_BYTES)
    throw unreadable(source, batch.baseOffset, `a record's length in ${MAX_LENGTH_BYTES} bytes`, 'more of them')
  if (window.at + lengthBytes <= window.end && length > maxRecordBytes) {
    const { topic, partition } = source
    const { baseOffset: offset } = batch
    throw failure('RECORD_TOO_LARGE', { topic, partition, offset, expected: maxRecordBytes, found: length })
  }
  return false
}

/** How many bytes the next record takes in all; 0: its length is not in the window yet. */
export function bytesOfNext({ bytes, at, end }: Window): number {
  const place: Window = { bytes, at, end }
  const length = readVarint(place)
  return place.at <= end ? place.at - at + length : 0
}

/** BATCH_UNREADABLE: fewer bytes than the records need. */
export function overrun({ source, batch }: RecordReader): Error {
  const { baseOffset, recordCount } = batch
  return unreadable(source, baseOffset, `${recordCount} whole records`, 'a record that overruns its batch')
}

/** 32 bits. Reading past the end gives zeros, which the caller's bounds check catches. */
function readVarint(window: Window): number {
  const { bytes } = window
  let byte = bytes[window.at++]!
  if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
  let value = byte & 127
  for (let shift = 7; byte >= 128; shift += 7) {
    byte = bytes[window.at++]!
    value |= (byte & 127) << shift
  }
  return (value >>> 1) ^ -(value & 1)
}

/** `delta` stands at `deltaAt` in the bytes. As 64 bits, in which the broker counts too. */
function timestampAfter(base: number | bigint, delta: number, bytes: Buffer, deltaAt: number): number | bigint {
  const sum = typeof base === 'number' ? base + delta : Number.NaN
  if (Number.isSafeInteger(sum) && Number.isSafeInteger(delta)) return sum
  let varlong = 0n
  for (let at = deltaAt, shift = 0n; ; at++, shift += 7n) {
    varlong |= BigInt(bytes[at]! & 127) << shift
    if (!(bytes[at]! >= 128)) break
  }
  const exact = BigInt.asIntN(64, BigInt(base) + ((varlong >> 1n) ^ -(varlong & 1n)))
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

/** 64 bits, exact below 2^53: by multiplication, since shifts are 32 bits wide. */
function readVarlong(window: Window): number {
  const { bytes } = window
  let byte = bytes[window.at++]!
  let value = byte & 127
  for (let scale = 128; byte >= 128; scale *= 128) {
    byte = bytes[window.at++]!
    value += (byte & 127) * scale
  }
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}
