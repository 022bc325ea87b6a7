// Compressors of every shape that producers write, also of those that the product's libraries read and do not write.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import type { Codec } from '../../../stream/kafka/batch.ts'
import { xxh32 } from '../../../stream/kafka/inflate/xxh32.ts'

export interface Compressor {
  readonly codec: Codec
  readonly compress: (bytes: Buffer) => Buffer
}

export const UNCOMPRESSED: Compressor = { codec: 'none', compress: (bytes) => bytes }

const halves = (bytes: Buffer): [Buffer, Buffer] => [
  bytes.subarray(0, bytes.length >> 1),
  bytes.subarray(bytes.length >> 1),
]

export const COMPRESSORS = {
  gzip: { codec: 'gzip', compress: (bytes) => gzipSync(bytes, { level: 1 }) },
  'gzip in two members': {
    codec: 'gzip',
    compress: (bytes) => Buffer.concat(halves(bytes).map((half) => gzipSync(half))),
  },
  zstd: { codec: 'zstd', compress: (bytes) => zstdCompressSync(bytes) },
  'zstd in two frames, one to be skipped between them': {
    codec: 'zstd',
    compress(bytes) {
      const [first, second] = halves(bytes)
      return Buffer.concat([zstdCompressSync(first), SKIPPED, zstdCompressSync(second)])
    },
  },
  lz4: { codec: 'lz4', compress: (bytes) => compressFrameSync(bytes) },
  'lz4 in small blocks': { codec: 'lz4', compress: (bytes) => lz4Frame(bytes, {}) },
  'lz4 in small blocks, all checked': { codec: 'lz4', compress: (bytes) => lz4Frame(bytes, { hasChecksums: true }) },
  'lz4 in linked blocks': { codec: 'lz4', compress: (bytes) => lz4Frame(bytes, { isLinked: true }) },
  'lz4 in linked blocks, all checked': {
    codec: 'lz4',
    compress: (bytes) => lz4Frame(bytes, { isLinked: true, hasChecksums: true }),
  },
  'snappy, raw': { codec: 'snappy', compress: (bytes) => compressSync(bytes) },
  'snappy, raw, copies from anywhere before': { codec: 'snappy', compress: farSnappy },
  "snappy in Xerial's framing": { codec: 'snappy', compress: (bytes) => xerial(bytes, 32 * 1024) },
  "snappy in Xerial's framing, large blocks": { codec: 'snappy', compress: (bytes) => xerial(bytes, 1024 * 1024) },
} satisfies Record<string, Compressor>

/** A zstd frame of user data. */
const SKIPPED = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])

/** As Java's producer writes: a header, then each block behind its length. */
export function xerial(bytes: Buffer, blockBytes: number): Buffer {
  const parts: Buffer[] = [Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex')]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = compressSync(bytes.subarray(at, at + blockBytes))
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

interface Match {
  /** bytes [literal, start) repeat nothing, [start, end) repeat what stands `offset` before */
  readonly literal: number
  readonly start: number
  readonly end: number
  readonly offset: number
}

/** Greedy: the last place with the same eight bytes, no further back than maxOffset. The last match has no bytes. */
function* matchesOf(bytes: Buffer, from: number, to: number, maxOffset: number): Generator<Match> {
  const places = new Map<bigint, number>()
  const last = to - 13 // lz4 wants literals at the end of a block
  for (let at = Math.max(from - maxOffset, 0); at < from && at + 8 <= to; at++)
    places.set(bytes.readBigUInt64LE(at), at)
  let literal = from
  for (let at = from; at < last; ) {
    const word = bytes.readBigUInt64LE(at)
    const place = places.get(word)
    places.set(word, at)
    if (place === undefined || at - place > maxOffset) {
      at++
      continue
    }
    let end = at + 8
    while (end < to - 5 && bytes[end] === bytes[end - at + place]) end++
    yield { literal, start: at, end, offset: at - place }
    at = end
    literal = end
  }
  yield { literal, start: to, end: to, offset: 0 }
}

/** A frame of blocks of 64 KiB. Linked ones repeat what stands in blocks before them, as some libraries write by default. */
export function lz4Frame(
  bytes: Buffer,
  { isLinked = false, hasChecksums = false }: { readonly isLinked?: boolean; readonly hasChecksums?: boolean },
): Buffer {
  const descriptor = Buffer.alloc(hasChecksums ? 10 : 2)
  descriptor[0] = 0b01000000 | (isLinked ? 0 : 0b100000) | (hasChecksums ? 0b11100 : 0)
  descriptor[1] = 0x40
  if (hasChecksums) descriptor.writeBigUInt64LE(BigInt(bytes.length), 2)
  const parts: Buffer[] = [uint32(0x184d2204), descriptor, Buffer.from([(xxh32(descriptor) >>> 8) & 255])]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const end = Math.min(at + 65_536, bytes.length)
    const packed = isLinked ? lz4Block(bytes, at, end) : lz4Block(bytes.subarray(at, end), 0, end - at)
    const isStored = packed.length >= end - at
    const block = isStored ? bytes.subarray(at, end) : packed
    parts.push(uint32((block.length | (isStored ? 0x80000000 : 0)) >>> 0), block)
    if (hasChecksums) parts.push(uint32(xxh32(block)))
  }
  parts.push(uint32(0))
  if (hasChecksums) parts.push(uint32(xxh32(bytes)))
  return Buffer.concat(parts)
}

function lz4Block(bytes: Buffer, from: number, to: number): Buffer {
  const parts: Buffer[] = []
  for (const { literal, start, end, offset } of matchesOf(bytes, from, to, 65_535)) {
    const [literals, repeats] = [start - literal, end - start - 4]
    const tag = (Math.min(literals, 15) << 4) | (offset === 0 ? 0 : Math.min(repeats, 15))
    parts.push(Buffer.from([tag, ...more(literals)]), bytes.subarray(literal, start))
    if (offset > 0) parts.push(Buffer.from([offset & 255, offset >> 8, ...more(repeats)]))
  }
  return Buffer.concat(parts)
}

/** What of a length does not fit into the tag's four bits. */
function more(length: number): number[] {
  const bytes: number[] = []
  let rest = length - 15
  for (; rest >= 255; rest -= 255) bytes.push(255)
  return rest < 0 ? [] : [...bytes, rest]
}

/** Raw snappy whose copies reach back as far as they like, as some libraries write large blocks. */
function farSnappy(bytes: Buffer): Buffer {
  const head: number[] = []
  let rest = bytes.length
  for (; rest > 127; rest >>>= 7) head.push((rest & 127) | 128)
  const parts: Buffer[] = [Buffer.from([...head, rest])]
  for (const { literal, start, end, offset } of matchesOf(bytes, 0, bytes.length, bytes.length)) {
    parts.push(literalTag(start - literal), bytes.subarray(literal, start))
    for (let at = start; at < end; at += 64) {
      const length = Math.min(64, end - at)
      parts.push(Buffer.from([((length - 1) << 2) | 3]), uint32(offset))
    }
  }
  return Buffer.concat(parts)
}

function literalTag(length: number): Buffer {
  if (length <= 60) return Buffer.from(length === 0 ? [] : [(length - 1) << 2])
  const bytes = length <= 65_536 ? 2 : 4
  return Buffer.from([(59 + bytes) << 2, ...uint32(length - 1).subarray(0, bytes)])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
