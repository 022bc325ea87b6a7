// One, two and four reading threads on one partition of lz4 batches.
import { cpus } from 'node:os'
import { type Measured, medianRun, openStand } from './stand.ts'

const ROWS = 2_000_000
const THREADS = [1, 2, 4]

/** `[rounds]`, by default 5. Prints a Markdown table: medians of interleaved rounds. */
export async function run([rounds = '5']: readonly string[]): Promise<void> {
  const stand = await openStand()
  try {
    const topic = 'events'
    await stand.fill({ topic, codec: 'lz4', file: stand.writeEvents(ROWS / 2), times: 2 })
    const runs = new Map<number, Measured[]>(THREADS.map((threads) => [threads, []]))
    for (let round = 0; round < Number(rounds); round++) {
      for (const threads of THREADS) {
        const measured = await stand.node('ingest-run.ts', [topic, ROWS, threads, `bench-${threads}-${round}`])
        console.error(`${round + 1}/${rounds} ${threads} threads: ${measured.seconds.toFixed(2)} s`)
        runs.get(threads)!.push(measured)
      }
    }
    console.log(`${ROWS} events, medians of ${rounds}; ${cpus().length} × ${cpus()[0]?.model}\n`)
    console.log('| threads | s | k rows/s | CPU s | peak RSS MB |\n|---|---|---|---|---|')
    for (const [threads, all] of runs) {
      const { rows, seconds, cpuSeconds, maxRssBytes = 0 } = medianRun(all)
      const rate = (rows / seconds / 1000).toFixed(0)
      console.log(
        `| ${threads} | ${seconds.toFixed(2)} | ${rate} | ${cpuSeconds.toFixed(2)} | ${(maxRssBytes / 1e6).toFixed(0)} |`,
      )
    }
  } finally {
    await stand.close()
  }
}
