// Record batches of Kafka's message format 2: their headers, checked.

import { crc32c } from '../../core/crc32c.ts'
import { failure } from '../../schemas/failures.ts'
import { readInt64, readTimestamp } from './int64.ts'

/*
 * RecordBatch => baseOffset batchLength partitionLeaderEpoch magic crc attributes lastOffsetDelta
 *                baseTimestamp maxTimestamp producerId producerEpoch baseSequence recordCount [Record]
 *   at  0  baseOffset            INT64
 *   at  8  batchLength           INT32   bytes after this field
 *   at 12  partitionLeaderEpoch  INT32
 *   at 16  magic                 INT8    2
 *   at 17  crc                   UINT32  CRC-32C of everything after this field
 *   at 21  attributes            INT16   bits 0–2 codec, 3 log append time, 4 transactional, 5 control
 *   at 23  lastOffsetDelta       INT32   the log cleaner keeps it when it removes the last records
 *   at 27  baseTimestamp         INT64
 *   at 35  maxTimestamp          INT64
 *   at 43  producerId            INT64   −1: neither idempotent nor transactional
 *   at 51  producerEpoch         INT16
 *   at 53  baseSequence          INT32
 *   at 57  recordCount           INT32   0: emptied by the log cleaner
 *   at 61  records, compressed as a whole
 */
const LENGTH_AT = 8
const CRC_COVERS_FROM = 21
export const BATCH_HEADER_BYTES = 61

/** By the number in the attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type Codec = (typeof CODECS)[number]

export interface BatchHeader {
  readonly baseOffset: number
  readonly lastOffset: number
  /** bytes of the whole batch */
  readonly length: number
  readonly codec: Codec
  readonly isTransactional: boolean
  readonly isControl: boolean
  /** bigint: beyond ±2^53 */
  readonly baseTimestamp: number | bigint
  /** set where the broker stamps: the time of every record */
  readonly appendTimestamp: number | bigint | undefined
  readonly producerId: number
  readonly recordCount: number
}

/** Where batches came from, for messages. */
export interface Source {
  readonly topic: string
  readonly partition: number
}

/** Bytes of the batch at `at`, or undefined when the buffer ends inside it: brokers cut the last batch of a response. */
export function wholeBatchLength(bytes: Buffer, at: number): number | undefined {
  if (at + BATCH_HEADER_BYTES > bytes.length) return undefined
  const length = bytes.readInt32BE(at + LENGTH_AT) + LENGTH_AT + 4
  return length < BATCH_HEADER_BYTES || at + length > bytes.length ? undefined : length
}

/** The offset after the last whole batch, by headers alone, so that the next fetch can start before this one is decoded. */
export function offsetAfter(bytes: Buffer, from: number): number {
  let next = from
  let at = 0
  for (let length = wholeBatchLength(bytes, at); length !== undefined; length = wholeBatchLength(bytes, at)) {
    next = readInt64(bytes, at) + bytes.readInt32BE(at + 23) + 1
    at += length
  }
  return next
}

/** The header at `at` of a batch of `length` bytes. Throws BATCH_UNREADABLE (other format) or BATCH_CORRUPT (checksum). */
export function readBatchHeader(bytes: Buffer, at: number, length: number, source: Source): BatchHeader {
  const baseOffset = readInt64(bytes, at)
  const magic = bytes[at + 16]!
  if (magic !== 2) throw unreadable(source, baseOffset, 'a record batch of message format 2', `format ${magic}`)
  const expected = bytes.readUInt32BE(at + 17)
  const found = crc32c(bytes.subarray(at + CRC_COVERS_FROM, at + length))
  if (found !== expected) throw failure('BATCH_CORRUPT', { ...source, offset: baseOffset, expected, found })
  const attributes = bytes.readInt16BE(at + 21)
  const codec = CODECS[attributes & 7]
  if (codec === undefined) throw unreadable(source, baseOffset, `codec ${CODECS.join(', ')}`, attributes & 7)
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    length,
    codec,
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    baseTimestamp: readTimestamp(bytes, at + 27),
    appendTimestamp: attributes & 8 ? readTimestamp(bytes, at + 35) : undefined,
    producerId: readInt64(bytes, at + 43),
    recordCount: bytes.readInt32BE(at + 57),
  }
}

/** BATCH_UNREADABLE, at the batch's first offset. */
export function unreadable(
  { topic, partition }: Source,
  offset: number,
  expected: string,
  found: unknown,
  cause?: unknown,
): Error {
  return failure('BATCH_UNREADABLE', { topic, partition, offset, expected, found }, cause)
}
