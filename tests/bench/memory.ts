// Resident memory of a worker while it reads a backlog: the real worker, the real workflow, sampled from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Plan } from '../../schemas/plan.ts'
import { connectTemporal } from '../../workers/connect.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { aPlan } from '../workflows/builders.ts'
import { EVENT_COLUMNS } from './events.ts'
import { writePlot } from './plot.ts'
import { openStand, type Stand } from './stand.ts'

const SAMPLE_MS = 250
const MILLION = 1_000_000
const DOCS = path.join(import.meta.dirname, '../../docs/benchmarks')

/** `[millions of events]`, by default 10. Writes docs/benchmarks/ingest-memory.csv and .svg. */
export async function run([millions = '10']: readonly string[]): Promise<void> {
  const stand = await openStand(['kafka', 's3', 'temporal'])
  try {
    const topic = 'backlog'
    const file = stand.writeEvents(MILLION)
    await stand.fill({ topic, codec: 'lz4', file, times: Number(millions) })
    const worker = await startWorker(stand)
    try {
      await measure(stand, worker, aPlan({ name: topic, source: { topic, format: 'json' }, columns: EVENT_COLUMNS }))
    } finally {
      worker.kill('SIGTERM')
      await once(worker, 'exit')
    }
  } finally {
    await stand.close()
  }
}

/** glibc keeps freed buffers of some megabytes for itself unless told otherwise. */
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }

async function startWorker({ env }: Stand): Promise<ChildProcess> {
  const program = path.join(import.meta.dirname, '../../workers/main.ts')
  const worker = spawn(process.execPath, [program, 'main'], {
    env: { ...env, ...MALLOC },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const text of worker.stdout!) if (String(text).includes('ready')) break
  return worker
}

async function measure({ endpoints }: Stand, worker: ChildProcess, plan: Plan): Promise<void> {
  const link = await connectTemporal(endpoints.temporal)
  const samples: { seconds: number; megabytes: number }[] = []
  const startMs = performance.now()
  const sample = (): void => {
    samples.push({ seconds: (performance.now() - startMs) / 1000, megabytes: residentMegabytes(worker.pid!) })
  }
  const timer = setInterval(sample, SAMPLE_MS)
  try {
    const { rows } = await link.client.workflow.execute<typeof ingest>('ingest', {
      ...{ taskQueue: 'sluice-main', workflowId: 'bench/backlog', args: [{ plan }] },
    })
    const { seconds } = samples.at(-1)!
    const peak = Math.max(...samples.map(({ megabytes }) => megabytes))
    const { historyLength } = await link.client.workflow.getHandle('bench/backlog').describe()
    console.log(`${rows} rows in ${seconds.toFixed(1)} s; peak ${peak.toFixed(0)} MB; ${historyLength} history events`)
    const csv = samples.map((each) => `${each.seconds.toFixed(2)},${each.megabytes.toFixed(1)}`)
    writeFileSync(path.join(DOCS, 'ingest-memory.csv'), `seconds,rss_mb\n${csv.join('\n')}\n`)
    const title = `Resident memory of one worker reading ${rows.toLocaleString('en')} events`
    writePlot(path.join(DOCS, 'ingest-memory.svg'), { title, samples })
  } finally {
    clearInterval(timer)
    await link.close()
  }
}

const KIB_PER_MB = 1e6 / 1024

function residentMegabytes(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / KIB_PER_MB
}
