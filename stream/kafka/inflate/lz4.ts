// lz4 frames: whole by the library, or some blocks at a time.
import { decompressFrameSync } from 'lz4-napi'
import { type Output, openOutput, putBytes, putCopy, roomIn, takeChunks } from './output.ts'
import { type InflateSettings, misshapen, type Packed, tooLarge } from './packed.ts'
import { openXxh32, xxh32 } from './xxh32.ts'

/*
 * Frame => magic flags blockSize [contentSize] [dictionaryId] headerChecksum [Block] endMark [contentChecksum]
 *   magic            UINT32  0x184D2204; all numbers little-endian
 *   flags            INT8    bits 6–7 version 01, 5 independent blocks, 4 block checksums, 3 content size, 2 content checksum, 0 dictionary
 *   blockSize        INT8    bits 4–6: 4 to 7, blocks of at most 64 KiB, 256 KiB, 1 MiB, 4 MiB
 *   contentSize      UINT64
 *   headerChecksum   INT8    second byte of the xxHash of flags to dictionaryId
 *   Block => size bytes [checksum]
 *     size           UINT32  highest bit: the bytes are not compressed
 *   endMark          UINT32  0
 *   contentChecksum  UINT32  xxHash of what the blocks inflate to
 */
const MAGIC = 0x184d2204
const VERSION = 0b01
const STORED = 0x80000000
/** a block may repeat what stands so far before it, unless blocks are independent: Apache's brokers take no others, some do */
const HISTORY_BYTES = 64 * 1024
/** a byte of a compressed block stands for so many at most */
const MAX_RATIO = 255

interface Frame {
  readonly maxBlockBytes: number
  readonly isIndependent: boolean
  readonly hasBlockChecksums: boolean
  readonly contentSize: number | undefined
  readonly contentChecksum: number | undefined
  /** of the first block, of the end mark */
  readonly start: number
  readonly end: number
  /** what the blocks inflate to, at most */
  readonly bound: number
}

/** The frame's content, or its chunks where it may be large. */
export function inflateLz4(packed: Packed, settings: InflateSettings): Buffer | Generator<Buffer, void, undefined> {
  const frame = readFrame(packed)
  const { contentSize = 0, bound } = frame
  if (contentSize > settings.maxBatchBytes) throw tooLarge(packed, settings.maxBatchBytes, contentSize)
  if (bound <= settings.wholeBytes) return decompressFrameSync(packed.bytes)
  return chunksOf(frame, packed, settings.chunkBytes)
}

/** The frame's header, checked, and the sizes of its blocks. */
function readFrame(packed: Packed): Frame {
  const { bytes } = packed
  const flags = bytes[4]!
  const blockSize = bytes[5]!
  const has = (bit: number): boolean => (flags & (1 << bit)) !== 0
  const headerEnd = 6 + (has(3) ? 8 : 0)
  if (bytes.length < headerEnd + 1 || bytes.readUInt32LE(0) !== MAGIC || flags >> 6 !== VERSION)
    throw misshapen(packed, 'an lz4 frame', `bytes ${bytes.subarray(0, 8).toString('hex')}`)
  if (has(1) || (blockSize & 0b10001111) !== 0 || blockSize >> 4 < 4)
    throw misshapen(packed, 'an lz4 frame of blocks of a size that it knows', `bytes ${bytes.toString('hex', 4, 6)}`)
  if (has(0)) throw misshapen(packed, 'an lz4 frame without a dictionary', 'one with it')
  if (bytes[headerEnd] !== headerChecksum(bytes.subarray(4, headerEnd)))
    throw misshapen(packed, 'the checksum of the lz4 header', bytes[headerEnd])
  const header = {
    maxBlockBytes: 1 << (8 + 2 * (blockSize >> 4)),
    isIndependent: has(5),
    hasBlockChecksums: has(4),
    contentSize: has(3) ? Number(bytes.readBigUInt64LE(6)) : undefined,
    start: headerEnd + 1,
  }
  const { end, bound } = measureBlocks(header, packed)
  const after = end + 4 + (has(2) ? 4 : 0)
  if (after !== bytes.length) throw misshapen(packed, `an lz4 frame of ${after} bytes`, bytes.length)
  return { ...header, end, bound, contentChecksum: has(2) ? bytes.readUInt32LE(end + 4) : undefined }
}

const headerChecksum = (descriptor: Uint8Array): number => (xxh32(descriptor) >>> 8) & 255

type FrameHeader = Omit<Frame, 'end' | 'bound' | 'contentChecksum'>

function measureBlocks(frame: FrameHeader, packed: Packed): { readonly end: number; readonly bound: number } {
  const { bytes } = packed
  let bound = 0
  for (let at = frame.start; at + 4 <= bytes.length; at = blockEnd(frame, bytes, at)) {
    const size = bytes.readUInt32LE(at)
    if (size === 0) return { end: at, bound }
    if ((size & ~STORED) > frame.maxBlockBytes)
      throw misshapen(packed, `lz4 blocks of at most ${frame.maxBlockBytes} bytes`, size & ~STORED)
    bound += blockBound(frame, bytes, at)
  }
  throw misshapen(packed, "an lz4 frame's end mark", 'the end of the batch')
}

/** Where the block at `at` ends, with its checksum. */
function blockEnd({ hasBlockChecksums }: FrameHeader, bytes: Buffer, at: number): number {
  return at + 4 + (bytes.readUInt32LE(at) & ~STORED) + (hasBlockChecksums ? 4 : 0)
}

function blockBound({ maxBlockBytes }: FrameHeader, bytes: Buffer, at: number): number {
  const size = bytes.readUInt32LE(at)
  const length = size & ~STORED
  return Math.min(size >= STORED ? length : length * MAX_RATIO, maxBlockBytes)
}

/** Blocks inflated one behind the other, as many as a chunk holds. */
function* chunksOf(frame: Frame, packed: Packed, chunkBytes: number): Generator<Buffer, void, undefined> {
  const { bytes } = packed
  const { contentSize, contentChecksum, maxBlockBytes } = frame
  const output = openOutput(HISTORY_BYTES, Math.max(chunkBytes, maxBlockBytes))
  const hash = contentChecksum === undefined ? undefined : openXxh32()
  let total = 0
  for (let at = frame.start; ; at = blockEnd(frame, bytes, at)) {
    if (at === frame.end || roomIn(output) < maxBlockBytes) {
      for (const chunk of takeChunks(output, chunkBytes)) {
        total += chunk.length
        hash?.update(chunk)
        yield chunk
      }
    }
    if (at === frame.end) break
    inflateBlock({ frame, packed, at, output })
  }
  if (contentSize !== undefined && contentSize !== total)
    throw misshapen(packed, `an lz4 frame of ${contentSize} bytes`, total)
  if (hash !== undefined && hash.digest() !== contentChecksum)
    throw misshapen(packed, `the xxHash ${contentChecksum} of the lz4 frame's content`, hash.digest())
}

interface BlockToInflate {
  readonly frame: Frame
  readonly packed: Packed
  readonly at: number
  readonly output: Output
}

function inflateBlock({ frame, packed, at, output }: BlockToInflate): void {
  const { bytes } = packed
  const size = bytes.readUInt32LE(at)
  const start = at + 4
  const end = start + (size & ~STORED)
  if (frame.hasBlockChecksums && xxh32(bytes.subarray(start, end)) !== bytes.readUInt32LE(end))
    throw misshapen(packed, `the xxHash ${bytes.readUInt32LE(end)} of an lz4 block`, 'another one')
  const { maxBlockBytes, isIndependent } = frame
  if (size >= STORED) putBytes(output, bytes, start, end - start)
  else {
    const origin = isIndependent ? output.end : 0
    if (!inflateSequences({ bytes, start, end, output, origin, limit: output.end + maxBlockBytes }))
      throw damaged(packed)
  }
}

const damaged = (packed: Packed): Error => misshapen(packed, 'blocks of lz4', 'a damaged one')

interface Sequences {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly output: Output
  /** what copies may reach back to, and how far the output may grow */
  readonly origin: number
  readonly limit: number
}

/*
 * Block => [Sequence]
 *   Sequence => tag [more] literals offset [more]
 *     tag     bits 4–7: number of literals, bits 0–3: bytes to be copied, less 4; 15: to be added up with what follows, up to a byte below 255
 *     offset  UINT16 how far back the copy begins; the last sequence has none
 */
/** False when the block is damaged. */
function inflateSequences({ bytes, start, end, output, origin, limit }: Sequences): boolean {
  for (let at = start; at < end; ) {
    const tag = bytes[at++]!
    let literals = tag >> 4
    if (literals === 15) {
      let more: number
      do literals += more = bytes[at++]!
      while (more === 255)
    }
    if (at + literals > end || output.end + literals > limit) return false
    putBytes(output, bytes, at, literals)
    at += literals
    if (at === end) return true
    const offset = bytes[at]! | (bytes[at + 1]! << 8)
    at += 2
    let length = (tag & 15) + 4
    if ((tag & 15) === 15) {
      let more: number
      do length += more = bytes[at++]!
      while (more === 255)
    }
    // what lies behind the block's end was no part of it
    if (at > end || offset === 0 || output.end - offset < origin || output.end + length > limit) return false
    putCopy(output, offset, length)
  }
  return false
}
