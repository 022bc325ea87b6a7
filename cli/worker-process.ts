// A worker in the background, found again through its pid file like the local servers.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../core/config.ts'
import { childEnvironment, endpointVariables } from '../core/config.ts'
import { launch, runningIn, type Stopped, stop } from '../infra/servers/process.ts'
import { MAIN_QUEUE } from '../schemas/ids.ts'
import { allocatorVariables, WORKER_NODE_FLAGS } from '../workers/ingest/allocator.ts'
import { hasWorker, requireEndpoints, withTemporal } from './clients.ts'

/** .ts here, .js in the published package. */
const WORKER_PROGRAM = fileURLToPath(new URL(`../workers/main${path.extname(import.meta.url)}`, import.meta.url))
const READY_WITHIN_MS = 60_000
/** Activities get this long to hand over; then the process is killed, and a retry resumes elsewhere. */
const STOP_WITHIN_MS = 15_000

/** Holds `log` and `pid`. */
export const workerFolder = (config: Config): string => path.join(config.stateDir, 'worker')

/** Starts a worker unless the one of this project runs, and resolves when it polls. `signal` aborted: one that is starting is stopped. */
export async function startWorker(config: Config, signal?: AbortSignal): Promise<void> {
  const endpoints = requireEndpoints(config)
  const startedMs = Date.now()
  await withTemporal(config, async (client) => {
    await launch({
      name: 'worker',
      folder: workerFolder(config),
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', ...WORKER_NODE_FLAGS, WORKER_PROGRAM],
      env: {
        ...endpointVariables(endpoints),
        ...allocatorVariables(childEnvironment(endpoints)),
        SLUICE_PROJECT: config.projectDir,
        SLUICE_STATE: config.stateDir,
        SLUICE_CACHE: config.cacheDir,
      },
      ports: [],
      isReady: () => hasWorker(client, MAIN_QUEUE, startedMs),
      readyWithinMs: READY_WITHIN_MS,
      signal,
    })
  })
}

export const workerRuns = (config: Config): boolean => runningIn(workerFolder(config)) !== undefined

export function stopWorker(config: Config, withinMs = STOP_WITHIN_MS): Promise<Stopped> {
  return stop(workerFolder(config), withinMs)
}
