// OffsetForLeaderEpoch, which kafkajs does not speak: how far the log still is what it was under a leader epoch.
import { readInt64 } from '../int64.ts'

export const ENDS_OF_EPOCHS = { apiKey: 23, apiVersion: 3, apiName: 'OffsetForLeaderEpoch' } as const

export interface EpochEnd {
  readonly partition: number
  /** 0: none */
  readonly errorCode: number
  /** where records of later epochs begin, or the log's end; −1: the log knows neither this epoch nor an earlier or later one that tells */
  readonly end: number
}

export interface EpochQuestion {
  readonly partition: number
  readonly epoch: number
  /** of the leader that is asked: another one refuses; default −1: whoever it is */
  readonly currentEpoch?: number
}

/*
 * OffsetForLeaderEpoch Request (version 3) => replicaId [Topic]
 *   replicaId INT32: −1 for a consumer
 *   Topic => topic [Partition]
 *     topic STRING
 *     Partition => partition currentLeaderEpoch leaderEpoch
 *       partition INT32, currentLeaderEpoch INT32: −1 for "whatever it is", leaderEpoch INT32
 */
export function encodeEpochsRequest(topic: string, questions: readonly EpochQuestion[]): Buffer {
  const name = Buffer.from(topic)
  const body = Buffer.alloc(4 + 4 + 2 + name.length + 4 + 12 * questions.length)
  let at = body.writeInt32BE(-1, 0)
  at = body.writeInt32BE(1, at)
  at = body.writeInt16BE(name.length, at)
  at += name.copy(body, at)
  at = body.writeInt32BE(questions.length, at)
  for (const { partition, epoch, currentEpoch = -1 } of questions) {
    at = body.writeInt32BE(partition, at)
    at = body.writeInt32BE(currentEpoch, at)
    at = body.writeInt32BE(epoch, at)
  }
  return body
}

/*
 * OffsetForLeaderEpoch Response (version 3) => throttleTimeMs [Topic]
 *   Topic => topic [Partition]
 *     Partition => errorCode INT16, partition INT32, leaderEpoch INT32, endOffset INT64
 */
/** Decodes the answer to a request for one topic. */
export function decodeEpochsResponse(bytes: Buffer): EpochEnd[] {
  const topics = bytes.readInt32BE(4)
  if (topics === 0) return []
  let at = 8 + 2 + bytes.readInt16BE(8)
  const count = bytes.readInt32BE(at)
  at += 4
  return Array.from({ length: count }, (_, i) => {
    const start = at + 18 * i
    const end = readInt64(bytes, start + 10)
    return { errorCode: bytes.readInt16BE(start), partition: bytes.readInt32BE(start + 2), end }
  })
}
