// A worker as users start it, and how much memory it has.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { residentBytes } from '../../core/process-identity.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { Plan } from '../../schemas/plan.ts'
import { aPlan } from '../workflows/builders.ts'
import { EVENT_COLUMNS } from './events.ts'
import type { Stand } from './stand.ts'

export const ROOT = path.join(import.meta.dirname, '../..')

export interface RealWorker {
  residentMegabytes(): number
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
  return { residentMegabytes: () => residentBytes(worker.pid!)! / 1e6, stop: () => stopped(worker) }
}

async function stopped(worker: ChildProcess): Promise<void> {
  worker.kill('SIGTERM')
  await once(worker, 'exit')
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
