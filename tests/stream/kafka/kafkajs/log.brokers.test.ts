// What is asked of brokers of different ages, on a cluster that answers from a script.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { leaderOf, leadersOf, logOf, readEpochEnds, readMetadata } from '../../../../stream/kafka/kafkajs/log.ts'
import type { Cluster } from '../../../../stream/kafka/kafkajs/types.ts'

const file = new URL('../../../fixtures/stream/kafka-wire/messages.json', import.meta.url)
const messages = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
const NEW = { 3: { minVersion: 0, maxVersion: 13 }, 23: { minVersion: 2, maxVersion: 4 } }
const OLD = { 3: { minVersion: 0, maxVersion: 9 } }

interface Sent {
  readonly node: string
  readonly apiName: string
}

/** `answers` by name of the request; kafkajs says that node 7 leads all. */
function clusterOf(versions: typeof NEW | typeof OLD, answers: Readonly<Record<string, Buffer>> = {}) {
  const sent: Sent[] = []
  const brokerOf = (node: string) => ({
    versions,
    connectionPool: {
      send: async ({
        request,
        response,
      }: {
        request: { apiName: string }
        response: { decode(b: Buffer): unknown }
      }) => {
        sent.push({ node, apiName: request.apiName })
        return response.decode(answers[request.apiName]!)
      },
    },
  })
  const cluster = {
    brokerPool: { findConnectedBroker: async () => brokerOf('any') },
    findBroker: async ({ nodeId }: { nodeId: string }) => brokerOf(nodeId),
    findLeaderForPartitions: (_: string, partitions: readonly number[]) => ({ 7: partitions }),
  }
  return { cluster: cluster as unknown as Cluster, sent }
}

const metadata = Buffer.concat([Buffer.from([0]), Buffer.from(messages.metadataResponse!, 'hex')])
/** One partition, without an error. */
const ends = Buffer.from('00000000000000010001740000000100000000000100000002000000000000002a', 'hex')

test('old brokers are not asked', async () => {
  const { cluster, sent } = clusterOf(OLD)
  expect(logOf(await readMetadata(cluster, 't'))).toEqual({ topicId: null, epochs: [] })
  expect(await readEpochEnds(cluster, 't', [{ partition: 0, epoch: 1 }])).toEqual([])
  expect(leaderOf(cluster, { topic: 't', partition: 0, leaders: leadersOf(null) })).toEqual({ node: 7, epoch: -1 })
  expect(sent).toEqual([])
})

test('a topic of zeros has no id', () => {
  expect(
    logOf({ errorCode: 0, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', leaders: new Map([[1, { node: 1, epoch: 4 }]]) }),
  ).toEqual({
    topicId: null,
    epochs: [-1, 4],
  })
})

test('ends of epochs come from the leader', async () => {
  const { cluster, sent } = clusterOf(NEW, { Metadata: metadata, OffsetForLeaderEpoch: ends })
  expect(await readEpochEnds(cluster, 't', [{ partition: 1, epoch: 1 }])).toEqual([
    { partition: 1, errorCode: 0, end: 42 },
  ])
  expect(sent).toEqual([
    { node: 'any', apiName: 'Metadata' },
    { node: '2', apiName: 'OffsetForLeaderEpoch' },
  ])
})

test('a partition that is gone is left out', async () => {
  const { cluster, sent } = clusterOf(NEW, { Metadata: metadata })
  expect(await readEpochEnds(cluster, 't', [{ partition: 12, epoch: 1 }])).toEqual([])
  expect(sent).toHaveLength(1)
})

test('a partition without a leader waits', async () => {
  const { cluster } = clusterOf(NEW, { Metadata: metadata })
  const asking = readEpochEnds(cluster, 't', [{ partition: 0, epoch: 1 }])
  await expect(asking).rejects.toMatchObject({ type: 'LEADER_NOT_AVAILABLE', retriable: true })
})

test('an error of a partition is thrown', async () => {
  const refused = Buffer.from(messages.epochsResponse!, 'hex')
  const { cluster } = clusterOf(NEW, { Metadata: metadata, OffsetForLeaderEpoch: refused })
  const asking = readEpochEnds(cluster, 't', [{ partition: 1, epoch: 1 }])
  await expect(asking).rejects.toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION' })
})
