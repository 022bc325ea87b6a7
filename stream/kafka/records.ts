// Fetched bytes → records and explained holes.

import type { HoleKind } from '../../schemas/segment.ts'
import type { RawRecord, RecordSink } from '../record.ts'
import { type AbortedFilter, type AbortedTransaction, abortedFilter } from './aborted.ts'
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  readBatchHeader,
  type Source,
  unreadable,
  wholeBatchLength,
} from './batch.ts'
import { decompress } from './codecs.ts'
import { explain, isComplete, type Ledger } from './gaps.ts'

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
 *
 * Key of a control record => version type:  INT16, INT16 (0 abort, 1 commit)
 */
const ABORT_MARKER = 0

interface Cursor {
  bytes: Buffer
  at: number
}

/**
 * Delivers the records of one fetch response to `sink` and accounts for its offsets in the ledger, up to the ledger's end.
 * @param bytes whole batches; a cut one at the end is ignored
 * Throws BATCH_CORRUPT, BATCH_UNREADABLE, and what the sink throws.
 */
export function decodeBatches({
  bytes,
  aborted,
  ledger,
  sink,
}: {
  readonly bytes: Buffer
  /** of this response */
  readonly aborted: readonly AbortedTransaction[]
  readonly ledger: Ledger
  readonly sink: RecordSink
}): void {
  const filter = abortedFilter(aborted)
  let at = 0
  for (let length = wholeBatchLength(bytes, at); length !== undefined; length = wholeBatchLength(bytes, at)) {
    if (isComplete(ledger)) return
    const batch = readBatchHeader(bytes, at, length, ledger.range)
    decodeBatch({ bytes: bytes.subarray(at + BATCH_HEADER_BYTES, at + length), batch, filter, ledger, sink })
    at += length
  }
}

interface OneBatch {
  /** without the header */
  readonly bytes: Buffer
  readonly batch: BatchHeader
  readonly filter: AbortedFilter
  readonly ledger: Ledger
  readonly sink: RecordSink
}

/** Advances the ledger to the batch's end: a compacted tail is a hole, not a reason to ask again. */
function decodeBatch({ bytes, batch, filter, ledger, sink }: OneBatch): void {
  const marker = batch.isControl ? markerOf(bytes, batch, ledger.range) : undefined
  const isAborted = filter.isAborted({ ...batch, marker })
  if (batch.lastOffset < ledger.next) return
  explain(ledger, 'compacted', batch.baseOffset)
  if (marker === undefined && !isAborted && !isComplete(ledger)) deliver({ bytes, batch, ledger, sink })
  if (!isComplete(ledger)) explain(ledger, holeKind(marker, isAborted), batch.lastOffset + 1)
}

/** What the offsets of a batch are that are not records. */
function holeKind(marker: 'commit' | 'abort' | undefined, isAborted: boolean): HoleKind {
  if (marker !== undefined) return 'control'
  return isAborted ? 'aborted' : 'compacted'
}

function markerOf(bytes: Buffer, batch: BatchHeader, source: Source): 'commit' | 'abort' {
  if (batch.recordCount === 0) return 'commit' // emptied by the cleaner, which keeps abort markers as long as they matter
  const cursor: Cursor = { bytes: inflate(bytes, batch, source), at: 0 }
  const record = emptyRecord(cursor.bytes)
  readRecord(cursor, record, batch, source)
  if (record.keyLength < 4) throw unreadable(source, batch.baseOffset, 'a control record', 'a key of other length')
  return cursor.bytes.readInt16BE(record.keyStart + 2) === ABORT_MARKER ? 'abort' : 'commit'
}

function deliver({ bytes, batch, ledger, sink }: Omit<OneBatch, 'filter'>): void {
  const { range } = ledger
  const cursor: Cursor = { bytes: inflate(bytes, batch, range), at: 0 }
  const record = emptyRecord(cursor.bytes)
  const from = ledger.next
  for (let i = 0; i < batch.recordCount; i++) {
    readRecord(cursor, record, batch, range)
    if (record.offset < from) continue // the batch began before what was asked for
    if (record.offset < ledger.next) throw unreadable(range, record.offset, 'ascending offsets', record.offset)
    if (record.offset > ledger.next) explain(ledger, 'compacted', record.offset)
    if (record.offset >= range.end) return
    sink(record)
    ledger.next++
    ledger.records++
    ledger.bytes += Math.max(record.keyLength, 0) + Math.max(record.valueLength, 0)
    if (ledger.bytes >= ledger.maxBytes) return
  }
  if (cursor.at !== cursor.bytes.length) {
    throw unreadable(
      range,
      batch.baseOffset,
      `${batch.recordCount} records`,
      `${cursor.bytes.length - cursor.at} bytes more`,
    )
  }
}

function inflate(bytes: Buffer, batch: BatchHeader, source: Source): Buffer {
  try {
    return decompress(batch.codec, bytes)
  } catch (error) {
    // the checksum was right, so the producer wrote it so
    throw unreadable(source, batch.baseOffset, `records compressed with ${batch.codec}`, String(error), error)
  }
}

function emptyRecord(bytes: Buffer): RawRecord {
  return {
    offset: 0,
    timestamp: 0,
    bytes,
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: -1,
    headersStart: 0,
    headersEnd: 0,
  }
}

/** Fills `record` and moves the cursor behind it. Throws BATCH_UNREADABLE when it overruns its batch. */
function readRecord(cursor: Cursor, record: RawRecord, batch: BatchHeader, source: Source): void {
  const length = readVarint(cursor)
  const end = cursor.at + length
  cursor.at++ // attributes
  const timestampDelta = readVarlong(cursor)
  record.timestamp = batch.appendTimestamp ?? batch.baseTimestamp + timestampDelta
  record.offset = batch.baseOffset + readVarint(cursor)
  record.keyLength = readVarint(cursor)
  record.keyStart = cursor.at
  if (record.keyLength > 0) cursor.at += record.keyLength
  record.valueLength = readVarint(cursor)
  record.valueStart = cursor.at
  if (record.valueLength > 0) cursor.at += record.valueLength
  if (length < 0 || cursor.at > end || end > cursor.bytes.length) {
    throw unreadable(source, batch.baseOffset, `${batch.recordCount} whole records`, 'a record that overruns its batch')
  }
  record.headersStart = cursor.at
  record.headersEnd = end
  cursor.at = end
}

/** 32 bits. Reading past the end gives zeros, which the caller's bounds check catches. */
function readVarint(cursor: Cursor): number {
  const { bytes } = cursor
  let byte = bytes[cursor.at++]!
  if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
  let value = byte & 127
  for (let shift = 7; byte >= 128; shift += 7) {
    byte = bytes[cursor.at++]!
    value |= (byte & 127) << shift
  }
  return (value >>> 1) ^ -(value & 1)
}

/** 64 bits, exact below 2^53: by multiplication, since shifts are 32 bits wide. */
function readVarlong(cursor: Cursor): number {
  const { bytes } = cursor
  let byte = bytes[cursor.at++]!
  let value = byte & 127
  for (let scale = 128; byte >= 128; scale *= 128) {
    byte = bytes[cursor.at++]!
    value += (byte & 127) * scale
  }
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}
