// Rows of a Parquet file as JSON values.
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { usageError } from '../shell.ts'

/** rows that are read at once */
const GROUP = 4_096

const compressors = {
  GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes),
  BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes),
}

/** Snappy, gzip, zstd, brotli or none. Throws a usage error for what is no Parquet file. */
export async function* parquetRows(path: string): AsyncIterable<Record<string, unknown>> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file).catch((error: Error) => {
    throw usageError(`expected a Parquet file at ${path}, found ${error.message}`)
  })
  const rows = Number(metadata.num_rows)
  for (let rowStart = 0; rowStart < rows; rowStart += GROUP) {
    const rowEnd = Math.min(rowStart + GROUP, rows)
    for (const row of await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors })) {
      yield jsonOf(row) as Record<string, unknown>
    }
  }
}

/** Times as RFC 3339, bytes as text; NaN and infinite numbers are no values of JSON. */
function jsonOf(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, jsonOf(each)]))
  }
  return value
}
