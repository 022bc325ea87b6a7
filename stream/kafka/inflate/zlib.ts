// gzip and zstd by Node's library: whole, or as a stream.
import assert from 'node:assert/strict'
import { createGunzip, createZstdDecompress, gunzipSync, type ZstdOptions, zstdDecompressSync } from 'node:zlib'
import type { InflateSettings, Packed } from './packed.ts'

type Chunks = AsyncGenerator<Buffer, void, undefined>

/** All members of a gzip file, whole or in chunks. */
export function inflateGzip({ bytes }: Packed, { wholeBytes, chunkBytes }: InflateSettings): Buffer | Chunks {
  // what the last member inflates to, modulo 2^32: saves a vain attempt, and nothing more depends on it
  const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4)
  const whole = size <= wholeBytes ? unlessLarger(() => gunzipSync(bytes, { maxOutputLength: wholeBytes })) : undefined
  return whole ?? gunzipped(bytes, chunkBytes)
}

async function* gunzipped(bytes: Buffer, chunkSize: number): Chunks {
  yield* freed(createGunzip({ chunkSize }).end(bytes))
}

/** What zlib gives when it is asked for its engine too; Node's types know it for neither function. */
interface WithEngine {
  readonly buffer: Buffer
  /** bytesWritten: of the input, as far as it was needed */
  readonly engine: { readonly bytesWritten: number }
}

/** All frames of zstd, whole or in chunks. */
export function inflateZstd({ bytes }: Packed, { wholeBytes, chunkBytes }: InflateSettings): Buffer | Chunks {
  const options: ZstdOptions = { maxOutputLength: wholeBytes, info: true }
  const whole = unlessLarger(() => zstdDecompressSync(bytes, options) as unknown as WithEngine)
  // Node ends with the first frame and says nothing of what follows
  if (whole?.engine.bytesWritten === bytes.length) return whole.buffer
  return framesOfZstd(bytes, chunkBytes)
}

async function* framesOfZstd(bytes: Buffer, chunkSize: number): Chunks {
  for (let rest = bytes; rest.length > 0; ) {
    const stream = createZstdDecompress({ chunkSize })
    yield* freed(stream.end(rest))
    assert(stream.bytesWritten > 0, 'a frame of zstd that ends before it begins')
    rest = rest.subarray(stream.bytesWritten)
  }
}

/**
 * The stream's chunks, each of which has its memory no longer than until the next: chunks are no garbage that V8 sees, so it would
 * let a hundred of them lie. One that shares its memory is left alone: zlib may be writing to the rest.
 */
async function* freed(chunks: AsyncIterable<Buffer>): Chunks {
  for await (const chunk of chunks) {
    yield chunk
    if (chunk.length === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer(0)
  }
}

/** undefined: it inflates to more than maxOutputLength. */
function unlessLarger<T>(inflate: () => T): T | undefined {
  try {
    return inflate()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}
