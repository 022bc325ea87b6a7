// Kafka → segments on S3: sluice beside a Python sink, decoders of a dump, and consumers that only read.
import { cpus } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../core/config.ts'
import { EVENT_AVRO } from './events.ts'
import { ensureKafkaTools } from './kafka-tools.ts'
import { type Measured, medianRun, openStand, type Stand } from './stand.ts'

const SEGMENT_ROWS = 250_000
const FORMATS = ['json', 'avro'] as const
const CODECS = ['none', 'lz4'] as const

interface Contender {
  readonly name: string
  readonly run: (round: number) => Promise<Measured>
}

interface Task {
  readonly rows: number
  /** by format: what a decoder of a dump reads */
  readonly dumps: Readonly<Record<(typeof FORMATS)[number], string>>
  /** Kafka's jars with ConsumerPerformance */
  readonly tools: string | undefined
}

/** `[--rows 1000000] [--rounds 5]`. Prints a Markdown table: medians of interleaved rounds. Five rounds take about ten minutes on two cores. */
export async function run(args: readonly string[]): Promise<void> {
  const options = { rows: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [rows, rounds] = [Number(values.rows), Number(values.rounds)]
  const stand = await openStand()
  try {
    const dumps = await fillTopics(stand, rows)
    const contenders = contendersOf(stand, { rows, dumps, tools: await ensureKafkaTools(loadConfig().cacheDir) })
    const runs = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const { name, run } of contenders) {
        const measured = await run(round)
        console.error(`${round + 1}/${rounds} ${name}: ${measured.seconds.toFixed(2)} s`)
        if (measured.rows !== rows) throw new Error(`${name} read ${measured.rows} of ${rows} rows`)
        runs.get(name)!.push(measured)
      }
    }
    console.log(`${rows} events, medians of ${rounds}; ${cpus().length} × ${cpus()[0]?.model}\n`)
    printTable(runs)
  } finally {
    await stand.close()
  }
}

const topicOf = (format: string, codec: string): string => `events-${format}-${codec}`

/** The same events in every topic. */
async function fillTopics(stand: Stand, rows: number): Promise<Task['dumps']> {
  const json = stand.writeEvents(rows)
  const frames = path.join(stand.folder, 'events.frames')
  const avro = path.join(stand.folder, 'events.avro')
  await stand.python('encode.py', [EVENT_AVRO, json, frames, avro])
  for (const codec of CODECS) {
    await stand.fill({ topic: topicOf('json', codec), codec, file: json })
    await stand.fill({ topic: topicOf('avro', codec), codec, file: frames })
  }
  return { json, avro }
}

function contendersOf(stand: Stand, task: Task): Contender[] {
  const { dumps } = task
  const dump = (name: string, engine: string, file: string): Contender => ({
    name,
    run: () => stand.python('decode.py', [engine, file]),
  })
  return [
    ...FORMATS.flatMap((format) => CODECS.flatMap((codec) => readersOf(stand, task, format, codec))),
    dump('Polars, decodes a dump, json', 'polars', dumps.json),
    dump('DuckDB, decodes a dump, json', 'duckdb', dumps.json),
    dump('Polars, decodes a dump, avro', 'polars-avro', dumps.avro),
    dump('fastavro and pyarrow, decode a dump, avro', 'fastavro', dumps.avro),
  ]
}

/** Those that read a topic. */
function readersOf(
  { endpoints, node, python }: Stand,
  { rows, tools }: Task,
  format: string,
  codec: string,
): Contender[] {
  const topic = topicOf(format, codec)
  const brokers = endpoints.kafka.brokers.join(',')
  const { endpoint = '', bucket } = endpoints.s3
  const ours = (threads: number): Contender => ({
    name: `sluice, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${format}, ${codec}`,
    run: (round) => node('ingest-run.ts', [topic, rows, threads, `bench-${topic}-${threads}-${round}`, format]),
  })
  const schema = format === 'avro' ? [EVENT_AVRO] : []
  const sink = (round: number): (string | number)[] => [
    ...[brokers, topic, rows, SEGMENT_ROWS, endpoint, bucket, `peer-${topic}-${round}`],
    ...schema,
  ]
  const all: Contender[] = [
    ours(1),
    ours(2),
    { name: `Python sink, ${format}, ${codec}`, run: (round) => python('sink.py', sink(round)) },
  ]
  if (format === 'json')
    all.push({
      name: `librdkafka, reads only, json, ${codec}`,
      run: () => python('consume.py', [brokers, topic, rows]),
    })
  if (tools !== undefined)
    all.push({
      name: `ConsumerPerformance, reads only, ${format}, ${codec}`,
      run: () => python('consumer_performance.py', ['java', tools, brokers, topic, rows]),
    })
  return all
}

function printTable(runs: ReadonlyMap<string, readonly Measured[]>): void {
  console.log('| | s (range) | k rows/s | CPU s | k rows per CPU s | peak RSS MB |')
  console.log('|---|---|---|---|---|---|')
  for (const [name, all] of runs) {
    const { rows, seconds, cpuSeconds, maxRssBytes } = medianRun(all)
    const times = all.map((each) => each.seconds)
    const range = `${seconds.toFixed(2)} (${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)})`
    const rates = [rows / seconds, rows / cpuSeconds].map((rate) => (rate / 1000).toFixed(0))
    const rss = maxRssBytes === undefined ? '' : (maxRssBytes / 1e6).toFixed(0)
    console.log(`| ${name} | ${range} | ${rates[0]} | ${cpuSeconds.toFixed(2)} | ${rates[1]} | ${rss} |`)
  }
}
