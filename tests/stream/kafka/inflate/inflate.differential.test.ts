// Inflating in chunks beside the libraries that inflate at once: the same bytes, and the same damage refused.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFailure } from '../../../../schemas/failures.ts'
import { INFLATE_SETTINGS, type Packed } from '../../../../stream/kafka/inflate/packed.ts'
import { COMPRESSORS, type Compressor } from '../compressors.ts'
import { inflated, packedOf, sampleBytes } from './sample-bytes.ts'

const AT_ONCE = { ...INFLATE_SETTINGS, wholeBytes: INFLATE_SETTINGS.maxBatchBytes }
const IN_CHUNKS = { ...INFLATE_SETTINGS, wholeBytes: 1 }

const chunkBytes = fc.constantFrom(64, 1_000, 65_536, 200_000, 1_048_576)

describe.each(Object.entries<Compressor>(COMPRESSORS))('%s', (_, { codec, compress }) => {
  test('chunks put together are the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 400_000 }), chunkBytes, async (seed, length, size) => {
        const bytes = sampleBytes(seed, length)
        const packed = packedOf(codec, compress(bytes))
        const { bytes: found, chunks } = await inflated(packed, { ...IN_CHUNKS, chunkBytes: size })
        expect(found.equals(bytes)).toBe(true)
        expect(chunks).not.toBeNull()
        expect((await inflated(packed, AT_ONCE)).bytes.equals(bytes)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test('damage is refused by both or by none', async () => {
    const spoiled = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 3,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 2, max: 3_000 }),
        spoiled,
        chunkBytes,
        async (seed, length, damage, size) => {
          const packed = packedOf(codec, compress(sampleBytes(seed, length)))
          for (const [where, value] of damage) packed.bytes[Math.floor(where * packed.bytes.length)] = value
          const [whole, chunked] = [
            await outcomeOf(packed, AT_ONCE),
            await outcomeOf(packed, { ...IN_CHUNKS, chunkBytes: size }),
          ]
          expect(chunked).toEqual(whole)
        },
      ),
      { numRuns: 300 },
    )
  })
})

/** The bytes, or that they are refused. */
async function outcomeOf(packed: Packed, settings: typeof AT_ONCE): Promise<string> {
  try {
    return (await inflated(packed, settings)).bytes.toString('base64')
  } catch (error) {
    if (isFailure(error, 'BATCH_UNREADABLE') || isFailure(error, 'BATCH_TOO_LARGE')) return 'refused'
    throw error
  }
}

test('linked blocks of the lz4 program', async () => {
  // lz4 -9 -B4 -BD -BX --content-size, of version 1.9.4
  const bytes = readFileSync(new URL('../../../fixtures/stream/linked.lz4', import.meta.url))
  const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i % 89} of ${(i * i) % 53}, the quick brown fox\n`)
  for (const settings of [AT_ONCE, IN_CHUNKS, { ...IN_CHUNKS, chunkBytes: 1 }])
    expect((await inflated(packedOf('lz4', bytes), settings)).bytes.toString()).toBe(lines.join(''))
})
