// Resident memory of a worker while it reads a backlog: started as users start it, sampled from outside.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { connectTemporal } from '../../workers/connect.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { type Series, writePlot } from './plot.ts'
import { emptyBucket, planOf, ROOT, startWorker } from './real-worker.ts'
import { openStand, type Stand } from './stand.ts'

const SAMPLE_MS = 250
const MILLION = 1_000_000
const TOPIC = 'backlog'

/** `[millions of events [threads ...]]`, by default 10 and 1. Writes docs/benchmarks/ingest-memory.csv and .svg. */
export async function run([millions = '10', ...threads]: readonly string[]): Promise<void> {
  const stand = await openStand(['kafka', 's3', 'temporal'])
  try {
    const file = stand.writeEvents(MILLION)
    await stand.fill({ topic: TOPIC, codec: 'lz4', file, times: Number(millions) })
    console.log(`${cpus().length} × ${cpus()[0]?.model}`)
    const runs: Run[] = []
    for (const count of threads.length === 0 ? [1] : threads.map(Number)) {
      runs.push(await measure(stand, count))
      publish(runs) // after each, since a long one may not end
      await emptyBucket(stand)
    }
  } finally {
    await stand.close()
  }
}

interface Run {
  readonly threads: number
  readonly rows: number
  readonly samples: Series['samples']
}

async function measure(stand: Stand, threads: number): Promise<Run> {
  const worker = await startWorker(stand, threads)
  const link = await connectTemporal(stand.endpoints.temporal)
  const samples: Series['samples'][number][] = []
  const startMs = performance.now()
  const sample = (): void => {
    samples.push({ seconds: (performance.now() - startMs) / 1000, megabytes: worker.residentMegabytes() })
  }
  const timer = setInterval(sample, SAMPLE_MS)
  try {
    const workflowId = `bench/${threads}`
    const { rows } = await link.client.workflow.execute<typeof ingest>('ingest', {
      taskQueue: 'sluice-main',
      workflowId,
      args: [{ plan: planOf(TOPIC) }],
    })
    const { historyLength } = await link.client.workflow.getHandle(workflowId).describe()
    console.log(`${threads} threads: ${describe({ threads, rows, samples })}; ${historyLength} history events`)
    return { threads, rows, samples }
  } finally {
    clearInterval(timer)
    await link.close()
    await worker.stop()
  }
}

function publish(runs: readonly Run[]): void {
  const lines = runs.flatMap(({ threads, samples }) =>
    samples.map(({ seconds, megabytes }) => `${threads},${seconds.toFixed(2)},${megabytes.toFixed(1)}`),
  )
  const file = path.join(ROOT, 'docs/benchmarks/ingest-memory')
  writeFileSync(`${file}.csv`, `threads,seconds,rss_mb\n${lines.join('\n')}\n`)
  writePlot(`${file}.svg`, {
    title: `Resident memory of one worker reading ${runs[0]!.rows.toLocaleString('en')} events`,
    series: runs.map(({ threads, samples }) => ({
      name: `${threads} reading thread${threads === 1 ? '' : 's'}`,
      samples,
    })),
  })
}

function describe({ rows, samples }: Run): string {
  const sorted = samples.map(({ megabytes }) => megabytes).sort((a, b) => a - b)
  const [median, peak] = [sorted[sorted.length >> 1]!, sorted.at(-1)!]
  const seconds = samples.at(-1)!.seconds.toFixed(1)
  return `${rows} rows in ${seconds} s; median ${median.toFixed(0)} MB, peak ${peak.toFixed(0)} MB`
}
