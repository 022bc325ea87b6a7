// The answer to a fetch of one partition, down to the undecoded batches.
import assert from 'node:assert/strict'
import type { AbortedTransaction } from './aborted.ts'
import { readInt64 } from './int64.ts'

export interface FetchAnswer {
  /** 0: none */
  readonly errorCode: number
  /** the broker asks to wait so long before the next request */
  readonly throttleMs: number
  readonly lastStableOffset: number
  readonly logStart: number
  /** of transactions that overlap this answer, unsorted */
  readonly aborted: readonly AbortedTransaction[]
  /** record batches, the last one perhaps cut */
  readonly batches: Buffer
}

/*
 * Fetch Response (version 11) => throttleTimeMs errorCode sessionId [Topic]
 *   throttleTimeMs INT32, errorCode INT16, sessionId INT32
 *   Topic => name [Partition]
 *     name STRING
 *     Partition => partition errorCode highWatermark lastStableOffset logStartOffset [Aborted] preferredReadReplica records
 *       partition INT32, errorCode INT16, highWatermark INT64, lastStableOffset INT64, logStartOffset INT64
 *       Aborted => producerId INT64, firstOffset INT64
 *       preferredReadReplica INT32
 *       records => length INT32, bytes
 */
/** Decodes the answer to a request for one partition; the batches are a view. */
export function decodeFetchResponse(bytes: Buffer): FetchAnswer {
  const throttleMs = bytes.readInt32BE(0)
  const requestError = bytes.readInt16BE(4)
  const topics = bytes.readInt32BE(10)
  if (requestError !== 0 || topics === 0) {
    return { errorCode: requestError, throttleMs, lastStableOffset: -1, logStart: -1, aborted: [], batches: NOTHING }
  }
  assert(topics === 1, `one topic was asked for, ${topics} answered`)
  let at = 14
  at += 2 + bytes.readInt16BE(at) + 4 // name, number of partitions
  const errorCode = bytes.readInt16BE(at + 4)
  const lastStableOffset = readInt64(bytes, at + 14)
  const logStart = readInt64(bytes, at + 22)
  const count = bytes.readInt32BE(at + 30)
  at += 34
  const aborted: AbortedTransaction[] = []
  for (let i = 0; i < count; i++, at += 16) {
    aborted.push({ producerId: readInt64(bytes, at), firstOffset: readInt64(bytes, at + 8) })
  }
  const length = Math.max(bytes.readInt32BE(at + 4), 0)
  const batches = bytes.subarray(at + 8, at + 8 + length)
  return { errorCode, throttleMs, lastStableOffset, logStart, aborted, batches }
}

const NOTHING = Buffer.alloc(0)
