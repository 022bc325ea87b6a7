// Batches that inflate to more than they may, that are cut, or that go on behind their end.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import type { Codec } from '../../../../stream/kafka/batch.ts'
import { inflate } from '../../../../stream/kafka/inflate/inflate.ts'
import { INFLATE_SETTINGS } from '../../../../stream/kafka/inflate/packed.ts'
import { xxh32 } from '../../../../stream/kafka/inflate/xxh32.ts'
import { lz4Frame, xerial } from '../compressors.ts'
import { inflated, packedOf, sampleBytes } from './sample-bytes.ts'

const MIB = 1024 * 1024
const LARGE = Buffer.alloc(48 * MIB, 'all of it has been said before. ')
const SETTINGS = { ...INFLATE_SETTINGS, maxBatchBytes: 24 * MIB }
const PLACE = { topic: 't', partition: 3, offset: 70 }

describe('a bomb', () => {
  test.each<[string, Codec, Buffer]>([
    ['gzip', 'gzip', gzipSync(LARGE)],
    ['zstd', 'zstd', zstdCompressSync(LARGE)],
    ['lz4', 'lz4', compressFrameSync(LARGE)],
  ])('%s is refused where it passes the limit', async (_, codec, bytes) => {
    let found = 0
    const reading = async (): Promise<void> => {
      for await (const chunk of inflate(packedOf(codec, bytes), SETTINGS) as AsyncIterable<Buffer>)
        found += chunk.length
    }
    const facts = { ...PLACE, expected: 24 * MIB, found: expect.stringMatching(/^at least 2[4-9]\d{6}$/) }
    await expect(reading()).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE', facts })
    expect(found).toBeLessThanOrEqual(24 * MIB)
  })

  const claimed = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), compressSync('ab').subarray(1)])
  const sized = Buffer.from(lz4Frame(LARGE.subarray(0, 1000), { hasChecksums: true }))
  sized.writeBigUInt64LE(BigInt(48 * MIB), 6)
  sized[14] = headerChecksum(sized)
  test.each<[string, Codec, Buffer, number]>([
    ['snappy', 'snappy', compressSync(LARGE), 48 * MIB],
    ["snappy in Xerial's framing", 'snappy', xerial(LARGE, 32 * 1024), 48 * MIB],
    ['snappy that lies', 'snappy', claimed, 2 ** 32 - 1],
    ['lz4 that says its size', 'lz4', sized, 48 * MIB],
  ])('%s is refused before it is inflated', (_, codec, bytes, found) => {
    expect(() => inflate(packedOf(codec, bytes), SETTINGS)).toThrow(
      expect.objectContaining({ code: 'BATCH_TOO_LARGE', facts: { ...PLACE, expected: 24 * MIB, found } }),
    )
  })

  test('a limit below what is inflated at once counts', async () => {
    const packed = packedOf('gzip', gzipSync(LARGE.subarray(0, 2 * MIB)))
    await expect(inflated(packed, { ...SETTINGS, maxBatchBytes: MIB })).rejects.toMatchObject({
      code: 'BATCH_TOO_LARGE',
    })
    expect((await inflated(packed, { ...SETTINGS, maxBatchBytes: 2 * MIB })).bytes).toHaveLength(2 * MIB)
  })
})

/** Second byte of the xxHash of a header whose size is 48 MiB. */
function headerChecksum(frame: Buffer): number {
  return (xxh32(frame.subarray(4, 14)) >>> 8) & 255
}

describe('how much is inflated at a time', () => {
  test.each<[string, Codec, Buffer]>([
    ['gzip', 'gzip', gzipSync(LARGE)],
    ['zstd', 'zstd', zstdCompressSync(LARGE)],
    ['lz4', 'lz4', lz4Frame(LARGE, {})],
    ['snappy', 'snappy', compressSync(LARGE)],
  ])('%s: about a chunk', async (_, codec, bytes) => {
    const { chunks } = await inflated(packedOf(codec, bytes), INFLATE_SETTINGS)
    expect(Math.max(...chunks!)).toBeLessThanOrEqual(INFLATE_SETTINGS.chunkBytes + 64 * 1024)
    expect(chunks!.length).toBeGreaterThan(40)
  })
})

/** of which a second one is a copy in lz4's next block */
const SAMPLE = sampleBytes(1, 65_536)
const SHORT = Buffer.from('a batch of few bytes, few bytes, few bytes')
const BOTH = [['at once', INFLATE_SETTINGS], ['in chunks', { ...INFLATE_SETTINGS, wholeBytes: 1 }]] as const // biome-ignore format: a table

describe.each(BOTH)('%s', (_, settings) => {
  const garbage = Buffer.from('garbage')
  const lz4 = compressFrameSync(SHORT)
  const dependent = lz4Frame(Buffer.concat([SAMPLE, SAMPLE]), { isLinked: true })
  dependent[4]! |= 0b100000
  dependent[6] = (xxh32(dependent.subarray(4, 6)) >>> 8) & 255
  const headed = (flags: number, blockSize: number): Buffer => {
    const frame = Buffer.from(lz4)
    frame.set([flags, blockSize], 4)
    frame[6] = (xxh32(frame.subarray(4, 6)) >>> 8) & 255
    return frame
  }
  const flipped = (bytes: Buffer, at: number): Buffer =>
    Buffer.from(bytes.map((byte, i) => (i === (at + bytes.length) % bytes.length ? byte ^ 1 : byte)))
  test.each<[string, Codec, Buffer]>([
    ['gzip and garbage', 'gzip', Buffer.concat([gzipSync(SHORT), garbage])],
    ['zstd and garbage', 'zstd', Buffer.concat([zstdCompressSync(SHORT), garbage])],
    ['lz4 and garbage', 'lz4', Buffer.concat([lz4, garbage])],
    ['two frames of lz4', 'lz4', Buffer.concat([lz4, lz4])],
    ['snappy and garbage', 'snappy', Buffer.concat([compressSync(SHORT), garbage])],
    ['Xerial and garbage', 'snappy', Buffer.concat([xerial(SHORT, 10), garbage])],
    ['nothing of gzip', 'gzip', Buffer.alloc(0)],
    ['nothing of zstd', 'zstd', Buffer.alloc(0)],
    ['nothing of lz4', 'lz4', Buffer.alloc(0)],
    ['nothing of snappy', 'snappy', Buffer.alloc(0)],
    ['lz4 without its end mark', 'lz4', lz4.subarray(0, -4)],
    ['lz4 with a wrong header', 'lz4', flipped(lz4, 6)],
    ['lz4 of another version', 'lz4', headed(0xa0, 0x40)],
    ['lz4 with a reserved bit', 'lz4', headed(0x62, 0x40)],
    ['lz4 of blocks of 16 KiB', 'lz4', headed(0x60, 0x30)],
    ['lz4 with a dictionary', 'lz4', headed(0x61, 0x40)],
    ['lz4 with wrong content', 'lz4', flipped(lz4Frame(SHORT, { hasChecksums: true }), 60)],
    ['lz4 with a wrong sum', 'lz4', flipped(compressFrameSync(SHORT, { contentChecksum: true }), -1)],
    ['lz4 whose blocks are not as independent as it says', 'lz4', dependent],
    ['zstd that wants a window of 1 GiB', 'zstd', Buffer.from('28b52ffd00a009000041', 'hex')],
  ])('%s is unreadable', async (__, codec, bytes) => {
    await expect(inflated(packedOf(codec, bytes), settings)).rejects.toMatchObject({
      code: 'BATCH_UNREADABLE',
      facts: PLACE,
    })
  })

  test.each<[string, Codec, Buffer, string]>([
    ['gzip filled up with zeros', 'gzip', Buffer.concat([gzipSync(SHORT), Buffer.alloc(9)]), SHORT.toString()],
    ['zstd with a window of 128 MiB', 'zstd', Buffer.from('28b52ffd008809000041', 'hex'), 'A'],
    ['gzip of nothing', 'gzip', gzipSync(''), ''],
    ['lz4 of nothing', 'lz4', compressFrameSync(''), ''],
    ['snappy of nothing', 'snappy', compressSync(''), ''],
    ['zstd of nothing', 'zstd', zstdCompressSync(Buffer.alloc(0)), ''],
  ])('%s is read', async (__, codec, bytes, expected) => {
    expect((await inflated(packedOf(codec, bytes), settings)).bytes.toString()).toBe(expected)
  })
})
