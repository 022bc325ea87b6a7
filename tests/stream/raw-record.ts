// Records as the reader would hand them over, for tests of decoders.
import type { RawRecord } from '../../stream/record.ts'

export function rawRecord({
  offset = 0,
  timestamp = 0,
  key = null,
  value,
  headers = Buffer.from([0]),
}: {
  readonly offset?: number
  readonly timestamp?: number | bigint
  readonly key?: string | null
  readonly value: string | Buffer | null
  /** count and headers as in a batch */
  readonly headers?: Buffer
}): RawRecord {
  const keyBytes = Buffer.from(key ?? '')
  const valueBytes = Buffer.from((value ?? '') as string)
  const headersStart = 6 + keyBytes.length + valueBytes.length
  return {
    offset,
    timestamp,
    bytes: Buffer.concat([Buffer.from('before'), keyBytes, valueBytes, headers, Buffer.from('after')]),
    keyStart: 6,
    keyLength: key === null ? -1 : keyBytes.length,
    valueStart: 6 + keyBytes.length,
    valueLength: value === null ? -1 : valueBytes.length,
    headersStart,
    headersEnd: headersStart + headers.length,
  }
}
