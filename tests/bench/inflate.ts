// One batch that inflates to half a gigabyte: seconds, CPU and memory of a worker that reads it, by codec.
import assert from 'node:assert/strict'
import { cpus } from 'node:os'
import { parseArgs, promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import kafkajs, { CompressionTypes } from 'kafkajs'
import { compressFrame } from 'lz4-napi'
import type { Plan } from '../../schemas/plan.ts'
import { CODECS, type Codec, wholeBatchLength } from '../../stream/kafka/batch.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { openLink } from '../../stream/kafka/kafkajs/link.ts'
import { connectTemporal } from '../../workers/connect.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { xerial } from '../stream/kafka/compressors.ts'
import { connectKafka } from '../stream/live-kafka.ts'
import { aPlan } from '../workflows/builders.ts'
import { emptyBucket, startWorker } from './real-worker.ts'
import { openStand, type Stand } from './stand.ts'

/** snappy makes a 21st of such values at best, lz4 a 255th, gzip a 1000th */
const TOPIC_SETTINGS = { 'max.message.bytes': '100000000' }

/** `[--events 60] [--bytes 9000000] [--codecs gzip,zstd,lz4,snappy]`. Prints a Markdown table. */
export async function run(args: readonly string[]): Promise<void> {
  const options = {
    events: { type: 'string', default: '60' },
    bytes: { type: 'string', default: '9000000' },
    codecs: { type: 'string', default: 'gzip,zstd,lz4,snappy' },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  const [events, bytes] = [Number(values.events), Number(values.bytes)]
  registerCompressors()
  const stand = await openStand(['kafka', 's3', 'temporal'])
  try {
    console.log(`${events} events of ${bytes} bytes in one batch; ${cpus().length} × ${cpus()[0]?.model}\n`)
    console.log('| codec | batch, bytes | s | CPU s | peak MB |\n|---|---|---|---|---|')
    for (const codec of values.codecs.split(',') as Codec[]) {
      const topic = `large-${codec}`
      const batchBytes = await fill(stand, { topic, codec, events, bytes })
      const { rows, seconds, cpuSeconds, peakMegabytes } = await measure(stand, topic)
      assert(rows === events, `${codec}: ${rows} of ${events} rows`)
      console.log(
        `| ${codec} | ${batchBytes} | ${seconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${peakMegabytes.toFixed(0)} |`,
      )
      await emptyBucket(stand)
    }
  } finally {
    await stand.close()
  }
}

interface Filling {
  readonly topic: string
  readonly codec: Codec
  readonly events: number
  readonly bytes: number
}

const WORDS = 'the quick brown fox jumps over the lazy dog and finds that all of it has been said before, '

/** Bytes of the one batch that the topic then holds: kafkajs makes one of the messages of a call. */
async function fill(stand: Stand, { topic, codec, events, bytes }: Filling): Promise<number> {
  const { brokers } = stand.endpoints.kafka
  const broker = await connectBroker({ brokers })
  await broker.createTopic({ topic, partitions: 1, settings: TOPIC_SETTINGS })
  await broker.close()
  const body = WORDS.repeat(bytes / WORDS.length + 1).slice(0, bytes)
  const messages = Array.from({ length: events }, (_, i) => ({ value: JSON.stringify({ id: `e-${i}`, body }) }))
  const kafka = await connectKafka(brokers)
  await kafka.producer.send({ topic, messages, compression: CODECS.indexOf(codec), timeout: 120_000 })
  await kafka.close()
  const link = openLink({ brokers, clientId: 'bench', topic })
  await link.partitions()
  const { batches } = await link.fetch({ partition: 0, offset: 0, maxBytes: 1, maxWaitMs: 1000 })
  await link.close()
  assert(
    wholeBatchLength(batches, 0) === batches.length && batches.readInt32BE(57) === events,
    'all events are one batch',
  )
  return batches.length
}

/** kafkajs has gzip alone. snappy in blocks as Java's producer writes them: a broker inflates them one by one. */
function registerCompressors(): void {
  const codec = (compress: (bytes: Buffer) => Promise<Buffer>) => () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => compress(buffer),
  })
  Object.assign(kafkajs.CompressionCodecs, {
    [CompressionTypes.Snappy]: codec(async (bytes) => xerial(bytes, 32 * 1024)),
    [CompressionTypes.LZ4]: codec((bytes) => compressFrame(bytes)),
    [CompressionTypes.ZSTD]: codec(promisify(zstdCompress)),
  })
}

interface Reading {
  readonly rows: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

async function measure(stand: Stand, topic: string): Promise<Reading> {
  const worker = await startWorker(stand, 1)
  const link = await connectTemporal(stand.endpoints.temporal)
  try {
    const [startMs, before] = [performance.now(), worker.cpuSeconds()]
    const { rows } = await link.client.workflow.execute<typeof ingest>('ingest', {
      taskQueue: 'sluice-main',
      workflowId: `bench/${topic}`,
      args: [{ plan: planOf(topic) }],
    })
    const seconds = (performance.now() - startMs) / 1000
    return { rows, seconds, cpuSeconds: worker.cpuSeconds() - before, peakMegabytes: worker.peakMegabytes() }
  } finally {
    await link.close()
    await worker.stop()
  }
}

function planOf(topic: string): Plan {
  const columns = [
    { name: 'id', kind: 'id' },
    { name: 'body', kind: 'text', maxBytes: 1_000_000_000 },
  ] as const
  return aPlan({ name: topic, source: { topic, format: 'json' }, columns })
}
