// Builds record batches of Kafka's message format 2, for tests that need what a real producer does not write.
import { gzipSync } from 'node:zlib'
import { crc32cInJavaScript } from '../../../core/crc32c.ts'
import { CODECS } from '../../../stream/kafka/batch.ts'
import type { FetchAnswer } from '../../../stream/kafka/fetch-response.ts'
import { varint as varlong, zigzag } from '../random-values.ts'
import { type Compressor, UNCOMPRESSED } from './compressors.ts'

export interface BuiltRecord {
  readonly offset: number
  readonly key?: string | Buffer | null
  readonly value?: string | Buffer | null
  /** its timestamp less that of the batch; default 0 */
  readonly delta?: bigint
}

export interface BuiltBatch {
  readonly baseOffset: number
  /** default: that of the last record */
  readonly lastOffset?: number
  readonly records: readonly BuiltRecord[]
  readonly baseTimestamp?: bigint
  readonly producerId?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly codec?: 'none' | 'gzip'
  /** instead of `codec` */
  readonly compressor?: Compressor
  /** default: as many as there are */
  readonly recordCount?: number
}

const GZIP: Compressor = { codec: 'gzip', compress: (bytes) => gzipSync(bytes) }

export function buildBatch(batch: BuiltBatch): Buffer {
  const { baseOffset, records, producerId = -1, isTransactional = false, isControl = false } = batch
  const { recordCount = records.length, compressor = batch.codec === 'gzip' ? GZIP : UNCOMPRESSED } = batch
  const lastOffset = batch.lastOffset ?? records.at(-1)!.offset
  const encoded = Buffer.concat(records.map((record) => encodeRecord(record, baseOffset)))
  const body = compressor.compress(encoded)
  const bytes = Buffer.alloc(61 + body.length)
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes[16] = 2
  bytes.writeInt16BE(CODECS.indexOf(compressor.codec) | (isTransactional ? 16 : 0) | (isControl ? 32 : 0), 21)
  bytes.writeInt32BE(lastOffset - baseOffset, 23)
  bytes.writeBigInt64BE(batch.baseTimestamp ?? TIMESTAMP, 27)
  bytes.writeBigInt64BE(batch.baseTimestamp ?? TIMESTAMP, 35)
  bytes.writeBigInt64BE(BigInt(producerId), 43)
  bytes.writeInt32BE(recordCount, 57)
  body.copy(bytes, 61)
  return seal(bytes)
}

/** Writes the checksum of what the bytes are now. */
export function seal(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32cInJavaScript(bytes.subarray(21)), 17)
  return bytes
}

const TIMESTAMP = 1_700_000_000_000n

export function controlBatch(
  offset: number,
  producerId: number,
  type: 'abort' | 'commit',
  changes: Partial<BuiltBatch> = {},
): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  return buildBatch({
    baseOffset: offset,
    records: [{ offset, key, value: '' }],
    producerId,
    isTransactional: true,
    isControl: true,
    ...changes,
  })
}

/** Records [start, end) with values v<offset>. */
export function numbered(start: number, end: number): BuiltRecord[] {
  return Array.from({ length: end - start }, (_, i) => ({ offset: start + i, value: `v${start + i}` }))
}

export function answer(batches: readonly Buffer[], rest: Partial<FetchAnswer> = {}): FetchAnswer {
  return {
    errorCode: 0,
    throttleMs: 0,
    lastStableOffset: Number.MAX_SAFE_INTEGER,
    logStart: 0,
    aborted: [],
    batches: Buffer.concat(batches),
    ...rest,
  }
}

function encodeRecord({ offset, key = null, value = null, delta = 0n }: BuiltRecord, baseOffset: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    varlong(zigzag(delta)),
    varint(offset - baseOffset),
    encodeBytes(key),
    encodeBytes(value),
    varint(0),
  ])
  return Buffer.concat([varint(body.length), body])
}

function encodeBytes(data: string | Buffer | null): Buffer {
  if (data === null) return varint(-1)
  const bytes = Buffer.from(data as string)
  return Buffer.concat([varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  const bytes: number[] = []
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}
