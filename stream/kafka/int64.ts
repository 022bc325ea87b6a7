// Kafka's 64-bit integers as JavaScript numbers.
import assert from 'node:assert/strict'

/** A big-endian INT64. Offsets and producer ids stay below 2^53 for centuries of writing; more is refused. */
export function readInt64(bytes: Buffer, at: number): number {
  const value = bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
  assert(Number.isSafeInteger(value), 'an INT64 beyond 2^53')
  return value
}

/** A timestamp, which is the producer's word: one that counts nanoseconds is beyond 2^53, and a bigint. */
export function readTimestamp(bytes: Buffer, at: number): number | bigint {
  const value = bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
  return Number.isSafeInteger(value) ? value : bytes.readBigInt64BE(at)
}
