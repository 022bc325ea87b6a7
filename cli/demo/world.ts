// What a demo stands on: the native backend, three servers, a worker; and how all of it ends again.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../core/config.ts'
import { requirePrerequisites } from '../../infra/downloads/prerequisites.ts'
import { stop } from '../../infra/servers/process.ts'
import { SERVER_NAMES, serverStatus, startServers, stopServers } from '../../infra/servers/servers.ts'
import type { Endpoints, ServerName } from '../../schemas/endpoints.ts'
import { failure } from '../../schemas/failures.ts'
import { withStore } from '../clients.ts'
import { unlessAborted } from '../interrupt.ts'
import { prepareNative } from '../native-backend.ts'
import { formatMs } from '../output/output.ts'
import { startWorker, stopWorker, workerFolder, workerRuns } from '../worker-process.ts'

type Say = (line: string) => void

export interface InWorld {
  readonly config: Config
  readonly say: Say
  /** leave everything running */
  readonly keep: boolean
  /** aborted: what was started is stopped at once, however far it is */
  readonly signal: AbortSignal
}

/** A person who asked for the end waits no longer than a second for all of it; a kill loses no data (`tests/infra/servers`). */
const HURRY_MS = 600

/**
 * Starts, side by side, what is not there yet, and stops it after `work`; what ran before goes on.
 * Servers of one's own (named in the environment, none started here) are used as they are. `work` gets settings with endpoints, and
 * a promise that resolves when training has its backend: fetching that takes longest, and is needed last.
 */
export async function withWorld<T>(
  { config, say, keep, signal }: InWorld,
  work: (config: Config, native: Promise<void>) => Promise<T>,
): Promise<T> {
  const own = config.endpoints !== null && !hasLocalServers(config)
  const before = (await serverStatus(config)).filter(({ running }) => running).map(({ name }) => name)
  const { stateDir, cacheDir, s3Server } = config
  if (!own) await requirePrerequisites(cacheDir) // all at once, and before the first download
  const native = prepareNative(config, (line) => say(`  ${line}`))
  let starting: Promise<Endpoints> | null = null
  try {
    if (!own) starting = startServers({ stateDir, cacheDir, s3Server, say: (line) => say(`  ${line}`), signal })
    const endpoints = starting === null ? config.endpoints : await unlessAborted(starting, signal)
    const here = { ...config, endpoints }
    await withStore(here, (store) => store.ensureBucket())
    return await work(here, native)
  } finally {
    if (!signal.aborted) await native
    // what is on its way up stops itself; downloads end with the process
    else await Promise.race([Promise.allSettled([starting]), delay(HURRY_MS)])
    if (!own && !keep) await stopStarted(config, before, signal)
  }
}

/** Runs `work` beside a background worker that is still starting; `ready` resolves when it polls. */
export async function withWorker<T>(
  { config, say, keep, signal }: InWorld,
  work: (ready: Promise<void>) => Promise<T>,
): Promise<T> {
  const ranBefore = workerRuns(config)
  const startedMs = Date.now()
  const ready = startWorker(config, signal).then(() => {
    const took = ranBefore ? 'runs already' : `ready after ${formatMs(Date.now() - startedMs)}`
    say(`  worker: ${took}, log ${path.join(workerFolder(config), 'log')}`)
  })
  ready.catch(() => {}) // `work` awaits it when it needs the worker
  try {
    return await work(ready)
  } finally {
    const settled = ready.catch(() => {}) // one that is still starting is one to stop
    await (signal.aborted ? Promise.race([settled, delay(HURRY_MS)]) : settled)
    if (!ranBefore && !keep) await stopWorker(config, signal.aborted ? HURRY_MS : undefined)
  }
}

/** Forgets everything that local servers hold. Throws CONFIG_INVALID when the servers are not local ones. */
export async function forgetWorld(config: Config, say: Say): Promise<void> {
  if (config.endpoints !== null && !hasLocalServers(config)) {
    const expected = 'servers started by sluice'
    throw failure('CONFIG_INVALID', {
      name: '--fresh',
      expected,
      found: 'servers of your own: sluice deletes nothing there',
    })
  }
  say('  stopping servers and deleting their data')
  await stopWorker(config)
  await stopServers(config)
  for (const name of ['kafka', 's3', 'temporal', 'worker', 'servers.json']) {
    await rm(path.join(config.stateDir, name), { recursive: true, force: true })
  }
}

const hasLocalServers = ({ stateDir }: Config): boolean => existsSync(path.join(stateDir, 'servers.json'))

async function stopStarted(config: Config, before: readonly ServerName[], signal: AbortSignal): Promise<void> {
  // not by way of the lock: whoever starts them holds it
  const started = SERVER_NAMES.filter((name) => !before.includes(name)).map((name) => path.join(config.stateDir, name))
  if (signal.aborted) return void (await Promise.all(started.map((folder) => stop(folder, HURRY_MS))))
  const only = (await serverStatus(config)).filter(({ name, running }) => running && !before.includes(name))
  if (only.length > 0) await stopServers({ stateDir: config.stateDir, only: only.map(({ name }) => name) })
}
