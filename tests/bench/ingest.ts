// Kafka → segments on S3: sluice beside a Python sink, decoders of a dump, and consumers that only read.
import { cpus } from 'node:os'
import { loadConfig } from '../../core/config.ts'
import { ensureKafkaTools } from './kafka-tools.ts'
import { type Measured, medianRun, openStand, type Stand } from './stand.ts'

const ROWS = 1_000_000
const SEGMENT_ROWS = 250_000

interface Contender {
  readonly name: string
  readonly run: (round: number) => Promise<Measured>
}

/** `[rows] [rounds]`, by default 1,000,000 and 5. Prints a Markdown table: medians of interleaved rounds. */
export async function run([rows = ROWS, rounds = 5]: readonly (string | number)[]): Promise<void> {
  const stand = await openStand()
  try {
    const file = stand.writeEvents(Number(rows))
    for (const codec of ['none', 'lz4'] as const) await stand.fill({ topic: `events-${codec}`, codec, file })
    const contenders = contendersOf(stand, {
      rows: Number(rows),
      file,
      tools: await ensureKafkaTools(loadConfig().cacheDir),
    })
    const runs = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < Number(rounds); round++) {
      for (const { name, run } of contenders) {
        const measured = await run(round)
        console.error(`${round + 1}/${rounds} ${name}: ${measured.seconds.toFixed(2)} s`)
        if (measured.rows !== Number(rows)) throw new Error(`${name} read ${measured.rows} of ${rows} rows`)
        runs.get(name)!.push(measured)
      }
    }
    console.log(`${rows} events, medians of ${rounds}; ${cpus().length} × ${cpus()[0]?.model}\n`)
    printTable(runs)
  } finally {
    await stand.close()
  }
}

interface Task {
  readonly rows: number
  /** the dump */
  readonly file: string
  /** Kafka's jars with ConsumerPerformance */
  readonly tools: string | undefined
}

function contendersOf({ endpoints, node, python }: Stand, { rows, file, tools }: Task): Contender[] {
  const brokers = endpoints.kafka.brokers.join(',')
  const { endpoint = '', bucket } = endpoints.s3
  return [
    ...(['none', 'lz4'] as const).flatMap((codec): Contender[] => {
      const topic = `events-${codec}`
      const ours = (threads: number): Contender => ({
        name: `sluice, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${codec}`,
        run: (round) => node('ingest-run.ts', [topic, rows, threads, `bench-${codec}-${threads}-${round}`]),
      })
      return [
        ours(1),
        ours(2),
        {
          name: `Python sink, ${codec}`,
          run: (round) =>
            python('sink.py', [brokers, topic, rows, SEGMENT_ROWS, endpoint, bucket, `peer-${codec}-${round}`]),
        },
        { name: `librdkafka, reads only, ${codec}`, run: () => python('consume.py', [brokers, topic, rows]) },
        ...(tools === undefined
          ? []
          : [
              {
                name: `ConsumerPerformance, reads only, ${codec}`,
                run: () => python('consumer_performance.py', ['java', tools, brokers, topic, rows]),
              },
            ]),
      ]
    }),
    { name: 'Polars, decodes a dump', run: () => python('decode.py', ['polars', file]) },
    { name: 'DuckDB, decodes a dump', run: () => python('decode.py', ['duckdb', file]) },
  ]
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
