// One, two and four reading threads on one partition of lz4 batches.
import { cpus } from 'node:os'
import { type Measured, medianRun, openStand } from './stand.ts'

const MILLION = 1_000_000
const THREADS = [1, 2, 4]

/** `[millions of events [rounds]]`, by default 1 and 3. Prints a Markdown table: medians of interleaved rounds. */
export async function run([millions = '1', rounds = '3']: readonly string[]): Promise<void> {
  const stand = await openStand()
  try {
    const topic = 'events'
    const events = Number(millions) * MILLION
    await stand.fill({ topic, codec: 'lz4', file: stand.writeEvents(MILLION), times: Number(millions) })
    const runs = new Map<number, Measured[]>(THREADS.map((threads) => [threads, []]))
    for (let round = 1; round <= Number(rounds); round++) {
      for (const threads of THREADS) {
        const measured = await stand.node('ingest-run.ts', [topic, events, threads, `bench-${threads}-${round}`])
        console.error(`${round}/${rounds} ${threads} threads: ${measured.seconds.toFixed(2)} s`)
        runs.get(threads)!.push(measured)
      }
    }
    console.log(`${millions}M events, medians of ${rounds}; ${cpus().length} × ${cpus()[0]?.model}\n`)
    console.log('| threads | s | k rows/s | times one | CPU s | peak RSS MB |\n|---|---|---|---|---|---|')
    const one = medianRun(runs.get(1)!)
    for (const [threads, all] of runs) console.log(line(threads, medianRun(all), one))
  } finally {
    await stand.close()
  }
}

function line(threads: number, { rows, seconds, cpuSeconds, maxRssBytes = 0 }: Measured, one: Measured): string {
  const rate = (rows / seconds / 1000).toFixed(0)
  const times = (one.seconds / seconds).toFixed(2)
  const megabytes = (maxRssBytes / 1e6).toFixed(0)
  return `| ${threads} | ${seconds.toFixed(2)} | ${rate} | ${times} | ${cpuSeconds.toFixed(2)} | ${megabytes} |`
}
