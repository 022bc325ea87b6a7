// Compression of Arrow bodies: zstd and lz4 as pyarrow, Polars and DuckDB read them.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { CompressionType, compressionRegistry, type RecordBatch, RecordBatchFileWriter } from 'apache-arrow'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'

/** How the bodies of a file are compressed; readers find out by themselves. */
export type BodyCodec = 'none' | 'zstd' | 'lz4'

const TYPES = { zstd: CompressionType.ZSTD, lz4: CompressionType.LZ4_FRAME } as const

/** Length in the prefix of a buffer that is stored as it is, because compressing made it no smaller. */
const STORED = -1n

/** The library ships no codec: these are for reading and writing alike. Called once when this file is loaded. */
function registerCodecs(): void {
  compressionRegistry.set(CompressionType.ZSTD, {
    encode: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
    decode: (bytes) => aligned(zstdDecompressSync(bytes)),
  })
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    encode: (bytes) => new Uint8Array(compressFrameSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
    decode: (bytes) => aligned(decompressFrameSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
  })
}

/** Small buffers come from Node's pool, at any address; columns of 8-byte values need one of their own. */
function aligned(bytes: Buffer): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
}

registerCodecs()

/**
 * apache-arrow 21.2.0 writes the compressed length where the format has the length before compression: its own reader does not
 * look, pyarrow and Polars refuse the file. The method is private, hence the test with other readers beside this class.
 */
class CompressedFileWriter extends RecordBatchFileWriter {
  protected override _compressBodyBuffers(buffers: ArrayBufferView[]) {
    const result = super._compressBodyBuffers(buffers)
    for (const [i, { byteLength }] of buffers.entries()) {
      const prefix = result.buffers[2 * i]!
      if (prefix.byteLength !== 8) continue
      const view = new DataView(prefix.buffer, prefix.byteOffset, 8)
      if (view.getBigInt64(0, true) !== STORED) view.setBigInt64(0, BigInt(byteLength), true)
    }
    return result
  }
}

/** An Arrow file of one batch with such bodies. */
export function arrowFile(batch: RecordBatch, codec: BodyCodec): Uint8Array {
  const writer =
    codec === 'none' ? new RecordBatchFileWriter() : new CompressedFileWriter({ compressionType: TYPES[codec] })
  writer.write(batch)
  writer.finish()
  return writer.toUint8Array(true)
}
