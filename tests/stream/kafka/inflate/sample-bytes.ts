// Bytes as batches hold them: words that repeat, near and far, between bytes that do not.
import { seededRandom } from '../../../../core/random.ts'
import type { Codec } from '../../../../stream/kafka/batch.ts'
import { inflate } from '../../../../stream/kafka/inflate/inflate.ts'
import type { InflateSettings, Packed } from '../../../../stream/kafka/inflate/packed.ts'

const WORDS = 'the quick brown fox jumps over the lazy dog, '

/** The same for the same seed. */
export function sampleBytes(seed: number, length: number): Buffer {
  const random = seededRandom(seed)
  const upTo = (limit: number): number => Math.floor(random() * limit)
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    const end = Math.min(at + 1 + upTo(length / 10 + 100), length)
    const kind = upTo(3)
    if (kind === 0) for (; at < end; at++) bytes[at] = upTo(256)
    else if (kind === 1) bytes.fill(WORDS.slice(upTo(20)), at, end)
    else bytes.copy(bytes, at, upTo(at), Math.min(at, length))
    at = end
  }
  return bytes
}

export const packedOf = (codec: Codec, bytes: Buffer): Packed => ({
  topic: 't',
  partition: 3,
  offset: 70,
  codec,
  bytes,
})

/** All of it, and the lengths of its chunks; null: at once. */
export async function inflated(
  packed: Packed,
  settings: InflateSettings,
): Promise<{ readonly bytes: Buffer; readonly chunks: readonly number[] | null }> {
  const whole = inflate(packed, settings)
  if (Buffer.isBuffer(whole)) return { bytes: whole, chunks: null }
  const copies: Buffer[] = []
  for await (const chunk of whole) copies.push(Buffer.from(chunk))
  return { bytes: Buffer.concat(copies), chunks: copies.map(({ length }) => length) }
}
