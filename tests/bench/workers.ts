// One, two and four workers on one backlog: the whole product's ingest, Temporal and commits included.
import { cpus } from 'node:os'
import { connectTemporal } from '../../workers/connect.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { emptyBucket, planOf, startWorker } from './real-worker.ts'
import { openStand, type Stand } from './stand.ts'

const MILLION = 1_000_000
const WORKERS = [1, 2, 4]
const TOPIC = 'events'

/** `[millions of events [rounds]]`, by default 2 and 3. Prints a Markdown table: medians of interleaved rounds. */
export async function run([millions = '2', rounds = '3']: readonly string[]): Promise<void> {
  const stand = await openStand(['kafka', 's3', 'temporal'])
  try {
    await stand.fill({ topic: TOPIC, codec: 'lz4', file: stand.writeEvents(MILLION), times: Number(millions) })
    const seconds = new Map<number, number[]>(WORKERS.map((count) => [count, []]))
    for (let round = 1; round <= Number(rounds); round++) {
      for (const count of WORKERS) {
        const took = await measure(stand, count, round)
        console.error(`${round}/${rounds} ${count} workers: ${took.toFixed(2)} s`)
        seconds.get(count)!.push(took)
      }
    }
    console.log(`${millions}M events, medians of ${rounds}; ${cpus().length} × ${cpus()[0]?.model}\n`)
    console.log('| workers | s | k rows/s | times one |\n|---|---|---|---|')
    const one = median(seconds.get(1)!)
    for (const [count, all] of seconds) {
      const took = median(all)
      const rate = (Number(millions) * 1000) / took
      console.log(`| ${count} | ${took.toFixed(2)} | ${rate.toFixed(0)} | ${(one / took).toFixed(2)} |`)
    }
  } finally {
    await stand.close()
  }
}

/** Seconds from the start of the workflow to its result; the workers poll by then, their reading threads do not run yet. */
async function measure(stand: Stand, count: number, round: number): Promise<number> {
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(stand, 1)))
  const link = await connectTemporal(stand.endpoints.temporal)
  try {
    const workflowId = `bench/${count}/${round}`
    const startMs = performance.now()
    await link.client.workflow.execute<typeof ingest>('ingest', {
      taskQueue: 'sluice-main',
      workflowId,
      args: [{ plan: planOf(TOPIC) }],
    })
    return (performance.now() - startMs) / 1000
  } finally {
    await link.close()
    await Promise.all(workers.map((worker) => worker.stop()))
    await emptyBucket(stand)
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
