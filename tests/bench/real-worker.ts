// A worker as users start it, and how much memory it has.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { openS3Store } from '../../lake/store/s3.ts'
import type { Plan } from '../../schemas/plan.ts'
import { aPlan } from '../workflows/builders.ts'
import { EVENT_COLUMNS } from './events.ts'
import type { Stand } from './stand.ts'

export const ROOT = path.join(import.meta.dirname, '../..')

const KIB_PER_MB = 1e6 / 1024
/** what Linux shows to programs, whatever the kernel counts with */
const TICKS_PER_SECOND = 100

export interface RealWorker {
  residentMegabytes(): number
  /** since its start */
  peakMegabytes(): number
  /** since its start */
  cpuSeconds(): number
  stop(): Promise<void>
}

/** Through the launcher, which sets what the process needs; its pid becomes the worker's. Resolves when the worker polls. */
export async function startWorker({ env }: Stand, threads: number): Promise<RealWorker> {
  const worker = spawn('sh', [path.join(ROOT, 'sluice'), 'worker', '--queues', 'main'], {
    env: { ...env, SLUICE_INGEST_THREADS: String(threads), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const text of worker.stdout!.iterator({ destroyOnReturn: false }))
    if (String(text).includes('worker: ready')) break
  worker.stdout!.resume()
  const pid = worker.pid!
  return {
    residentMegabytes: () => megabytes(pid, 'VmRSS'),
    peakMegabytes: () => megabytes(pid, 'VmHWM'),
    cpuSeconds: () => cpuSeconds(pid),
    stop: () => stopped(worker),
  }
}

async function stopped(worker: ChildProcess): Promise<void> {
  worker.kill('SIGTERM')
  await once(worker, 'exit')
}

function megabytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kib = '0'] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / KIB_PER_MB
}

/** Of all threads, in user and kernel mode: fields 14 and 15 of proc_pid_stat(5), counted behind the name in brackets. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Reads the benchmark's events of a topic. */
export function planOf(topic: string): Plan {
  return aPlan({ name: topic, source: { topic, format: 'json' }, columns: EVENT_COLUMNS })
}

/** So that the next run reads everything again, and the disk does not fill. */
export async function emptyBucket({ endpoints }: Stand): Promise<void> {
  const store = openS3Store(endpoints.s3)
  for (const key of await Array.fromAsync(store.list(''))) await store.delete(key)
  store.close()
}
