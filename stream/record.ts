// One record while it is read: positions in a buffer that is valid only during the call.

/** A view into the fetched bytes. The reader reuses object and buffer: copy what must outlive the call. */
export interface RawRecord {
  offset: number
  /**
   * milliseconds since the epoch: the producer's, or the broker's where the topic says LogAppendTime; −1: none. A bigint beyond ±2^53,
   * where a producer counts something else
   */
  timestamp: number | bigint
  bytes: Buffer
  keyStart: number
  /** −1: no key */
  keyLength: number
  valueStart: number
  /** −1: no value, a tombstone */
  valueLength: number
  /** [headersStart, headersEnd): count and headers as in the batch format */
  headersStart: number
  headersEnd: number
}

/** Called once per record, in offset order. What it throws ends the read. */
export type RecordSink = (record: RawRecord) => void

/** The key, copied; null when there is none. */
export function copyKey({ bytes, keyStart, keyLength }: RawRecord): Uint8Array | null {
  return keyLength < 0 ? null : copy(bytes, keyStart, keyLength)
}

/** The value, copied; null for a tombstone. */
export function copyValue({ bytes, valueStart, valueLength }: RawRecord): Uint8Array | null {
  return valueLength < 0 ? null : copy(bytes, valueStart, valueLength)
}

/** The headers as they are in the batch, copied; see rows/headers.ts. */
export function copyHeaders({ bytes, headersStart, headersEnd }: RawRecord): Uint8Array {
  return copy(bytes, headersStart, headersEnd - headersStart)
}

// not `slice`: Node's Buffer.slice is a view
function copy(bytes: Buffer, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, start + length))
}
