// The records of a batch, inflated: whole where they are small, else chunk by chunk, so that no large batch is ever held whole.
import { isFailure } from '../../../schemas/failures.ts'
import { inflateLz4 } from './lz4.ts'
import { type InflateSettings, misshapen, type Packed, tooLarge } from './packed.ts'
import { inflateSnappy } from './snappy.ts'
import { inflateGzip, inflateZstd } from './zlib.ts'

/** Chunks follow each other, each valid until the next one is asked for; who does not need the rest calls `return`. */
export type Chunks = AsyncGenerator<Buffer, void, undefined>

/**
 * The records, or their chunks, each made when it is asked for. Here and there:
 * Throws BATCH_UNREADABLE for damaged, cut or overlong bytes, BATCH_TOO_LARGE.
 */
export function inflate(packed: Packed, settings: InflateSettings): Buffer | Chunks {
  const { wholeBytes, maxBatchBytes } = settings
  const bounded = { ...settings, wholeBytes: Math.min(wholeBytes, maxBatchBytes) }
  try {
    const inflated = inflateWith(packed, bounded)
    return Buffer.isBuffer(inflated) ? inflated : counted(inflated, packed, maxBatchBytes)
  } catch (error) {
    throw asFailure(packed, error)
  }
}

function inflateWith(packed: Packed, settings: InflateSettings): Buffer | Iterable<Buffer> | AsyncIterable<Buffer> {
  switch (packed.codec) {
    case 'none':
      return packed.bytes
    case 'gzip':
      return inflateGzip(packed, settings)
    case 'snappy':
      return inflateSnappy(packed, settings)
    case 'lz4':
      return inflateLz4(packed, settings)
    case 'zstd':
      return inflateZstd(packed, settings)
  }
}

async function* counted(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  packed: Packed,
  maxBatchBytes: number,
): Chunks {
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > maxBatchBytes) throw tooLarge(packed, maxBatchBytes, `at least ${bytes}`)
      yield chunk
    }
  } catch (error) {
    throw asFailure(packed, error)
  }
}

/** The batch's checksum was right, so the producer wrote it so. */
function asFailure(packed: Packed, error: unknown): unknown {
  return isFailure(error) ? error : misshapen(packed, `records compressed with ${packed.codec}`, String(error), error)
}
