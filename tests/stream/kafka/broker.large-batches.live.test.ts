// Batches that inflate to more than is held at a time, through a real broker: from kafkajs with this repository's compressors, and from librdkafka.
import { spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import kafkajs, { CompressionTypes } from 'kafkajs'
import { compressFrame } from 'lz4-napi'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { loadConfig } from '../../../core/config.ts'
import { ensurePythonPeers } from '../../../infra/testing/python-peers.ts'
import { CODECS, type Codec } from '../../../stream/kafka/batch.ts'
import { connectBroker } from '../../../stream/kafka/connect.ts'
import type { ReadSettings } from '../../../stream/kafka/fetch.ts'
import type { RecordSink } from '../../../stream/record.ts'
import { connectKafka, type LiveKafka, newTopicName } from '../live-kafka.ts'
import { xerial } from './compressors.ts'

const { brokers } = inject('endpoints').kafka
/** 32 MB in one batch: twice what is inflated at once */
const [COUNT, BYTES] = [32, 1_000_000]
let kafka: LiveKafka

beforeAll(async () => {
  const codec = (compress: (bytes: Buffer) => Promise<Buffer>) => () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => compress(buffer),
  })
  Object.assign(kafkajs.CompressionCodecs, {
    [CompressionTypes.Snappy]: codec(async (bytes) => xerial(bytes, 32 * 1024)),
    [CompressionTypes.LZ4]: codec((bytes) => compressFrame(bytes, { contentChecksum: true, blockChecksums: true })),
    [CompressionTypes.ZSTD]: codec(promisify(zstdCompress)),
  })
  kafka = await connectKafka(brokers)
})
afterAll(() => kafka.close())

function sentValue(i: number): string {
  const words = `${i} all of it has been said before. `
  return words.repeat(BYTES / words.length + 1).slice(0, BYTES)
}

async function newTopic(): Promise<string> {
  const topic = newTopicName()
  const broker = await connectBroker({ brokers })
  await broker.createTopic({
    topic,
    partitions: 1,
    settings: { 'retention.ms': '-1', 'max.message.bytes': '50000000' },
  })
  await broker.close()
  return topic
}

/** Ends of the pieces; throws for a value that is not the one that was sent. */
async function read(topic: string, settings: Partial<ReadSettings> = {}): Promise<number[]> {
  const broker = await connectBroker({ brokers, read: settings })
  const sink: RecordSink = ({ offset, bytes, valueStart, valueLength }) => {
    expect(bytes.subarray(valueStart, valueStart + valueLength).equals(Buffer.from(sentValue(offset)))).toBe(true)
  }
  const range = { topic, partition: 0, start: 0, end: COUNT }
  try {
    const pieces = await Array.fromAsync(broker.readPieces(range, () => sink, { maxBytes: 8_000_000 }))
    return pieces.map(({ end }) => end)
  } finally {
    await broker.close()
  }
}

const send: Record<string, (topic: string, codec: Codec) => Promise<string | null>> = {
  async kafkajs(topic, codec) {
    const messages = Array.from({ length: COUNT }, (_, i) => ({ value: sentValue(i) }))
    await kafka.producer.send({ topic, messages, compression: CODECS.indexOf(codec) })
    return null
  },
  async librdkafka(topic, codec) {
    const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir })
    if (!peers.ok) return peers.why
    const script = 'tests/fixtures/stream/send_batch.py'
    const args = [script, brokers.join(','), topic, codec, String(COUNT), String(BYTES)]
    const env = { ...process.env, PYTHONPATH: peers.path }
    const { status, stderr } = spawnSync(peers.command, args, { env, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    return null
  },
}

describe.each(Object.keys(send))('from %s', (producer) => {
  test.for(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    '%s: every value in its piece',
    { timeout: 120_000 },
    async (codec, { skip }) => {
      const topic = await newTopic()
      const why = await send[producer]!(topic, codec)
      if (why !== null) skip(why)
      expect(await read(topic)).toEqual([8, 16, 24, 32])
      await expect(read(topic, { maxBatchBytes: 20_000_000 })).rejects.toMatchObject({
        code: 'BATCH_TOO_LARGE',
        facts: { topic, partition: 0, offset: 0, expected: 20_000_000 },
      })
      await expect(read(topic, { maxRecordBytes: 999_999 })).rejects.toMatchObject({
        code: 'RECORD_TOO_LARGE',
        facts: { topic, partition: 0, offset: 0, expected: 999_999 },
      })
    },
  )
})
