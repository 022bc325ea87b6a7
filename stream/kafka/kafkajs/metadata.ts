// Metadata in version 10, which kafkajs does not speak: topic ids and the leader epochs of partitions.
import { readUvarint, uvarint, type Wire } from './wire.ts'

export const METADATA = { apiKey: 3, apiVersion: 10, apiName: 'Metadata' } as const

export interface Leader {
  /** node id; −1: there is none at the moment */
  readonly node: number
  readonly epoch: number
}

export interface TopicMetadata {
  /** 0: none */
  readonly errorCode: number
  /** as Kafka's tools print it */
  readonly topicId: string
  readonly leaders: ReadonlyMap<number, Leader>
}

/*
 * Metadata Request (version 10) => [Topic] allowAutoTopicCreation includeClusterOperations includeTopicOperations tags
 *   Topic => topicId name tags
 *     topicId UUID, name COMPACT_NULLABLE_STRING
 * In flexible versions the request's header ends with tags as well: kafkajs writes the header without, so they come first here.
 */
export function encodeMetadataRequest(topic: string): Buffer {
  const name = Buffer.from(topic)
  const noTags = Buffer.from([0])
  const anyId = Buffer.alloc(16)
  const flags = Buffer.from([0, 0, 0])
  return Buffer.concat([noTags, uvarint(2), anyId, uvarint(name.length + 1), name, noTags, flags, noTags])
}

/*
 * Metadata Response (version 10) => tags throttleTimeMs [Broker] clusterId controllerId [Topic] clusterOperations tags
 *   Broker => nodeId INT32, host COMPACT_STRING, port INT32, rack COMPACT_NULLABLE_STRING, tags
 *   Topic => errorCode name topicId isInternal [Partition] topicOperations tags
 *     errorCode INT16, name COMPACT_NULLABLE_STRING, topicId UUID, isInternal BOOLEAN, topicOperations INT32
 *     Partition => errorCode INT16, partition INT32, leader INT32, leaderEpoch INT32, [replica], [inSync], [offline] INT32, tags
 * The first tags are the header's: kafkajs takes only the correlation id off.
 */
/** Decodes the answer to a request for one topic. */
export function decodeMetadataResponse(bytes: Buffer): TopicMetadata {
  const wire: Wire = { bytes, at: 0 }
  skipTags(wire)
  wire.at += 4
  for (let brokers = readUvarint(wire) - 1; brokers > 0; brokers--) {
    wire.at += 4
    skipString(wire)
    wire.at += 4
    skipString(wire)
    skipTags(wire)
  }
  skipString(wire)
  wire.at += 4
  readUvarint(wire) // one topic was asked for
  const errorCode = bytes.readInt16BE(wire.at)
  wire.at += 2
  skipString(wire)
  const topicId = bytes.toString('base64url', wire.at, wire.at + 16)
  wire.at += 17
  return { errorCode, topicId, leaders: readPartitions(wire) }
}

function readPartitions(wire: Wire): Map<number, Leader> {
  const { bytes } = wire
  const leaders = new Map<number, Leader>()
  for (let partitions = readUvarint(wire) - 1; partitions > 0; partitions--) {
    const { at } = wire
    leaders.set(bytes.readInt32BE(at + 2), { node: bytes.readInt32BE(at + 6), epoch: bytes.readInt32BE(at + 10) })
    wire.at = at + 14
    for (let list = 0; list < 3; list++) skip(wire, 4 * Math.max(readUvarint(wire) - 1, 0))
    skipTags(wire)
  }
  return leaders
}

/** `wire.at += readUvarint(wire)` would add to where the length began. */
function skip(wire: Wire, bytes: number): void {
  wire.at += bytes
}

function skipString(wire: Wire): void {
  skip(wire, Math.max(readUvarint(wire) - 1, 0))
}

function skipTags(wire: Wire): void {
  for (let tags = readUvarint(wire); tags > 0; tags--) {
    readUvarint(wire)
    skip(wire, readUvarint(wire))
  }
}
