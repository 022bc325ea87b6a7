// Runs the workers of one machine: workflows and data activities, and one training slot per device class.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { DefaultLogger, type LogEntry, Runtime, Worker, type WorkerOptions } from '@temporalio/worker'
import { BEAT_EVERY_MS } from '../activities/beating.ts'
import { createDataActivities, createTrainingActivities } from '../activities/index.ts'
import { type Config, loadConfig } from '../core/config.ts'
import type { Endpoints } from '../schemas/endpoints.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import { MAIN_QUEUE, trainQueue } from '../schemas/ids.ts'
import { workflowBundle } from './bundle.ts'
import { checkStore } from './check-store.ts'
import { connectTemporal, type TemporalLink } from './connect.ts'
import { openDeps } from './deps.ts'
import { mapFailures } from './failure-mapping.ts'
import { leaveWhenStopped } from './leave-when-stopped.ts'
import { awaitServer } from './servers/await-server.ts'
import { serversOf } from './servers/reach.ts'

/** What this process takes on: data work, training on the processor, training on a GPU. */
export type WorkerRole = 'main' | 'cpu' | 'gpu'

export interface RunWorkers {
  readonly config: Config
  /** aborted: no new work is taken, running activities are cancelled after a grace time, then the promise resolves */
  readonly signal: AbortSignal
  /** default: main and cpu */
  readonly queues?: readonly WorkerRole[]
  /** default: sluice-main; the training queues are named after it */
  readonly mainQueue?: string
  readonly onReady?: () => void
  /**
   * told which server is waited for, and when it is there: with it a worker starts before its servers do. Without it a server that
   * is away is an error
   */
  readonly onWait?: (line: string) => void
}

/** Data activities at a time: each may hold a segment in memory. */
const DATA_SLOTS = 4
/** From the request to stop to the cancellation of what still runs: short ones end within it, the others go on elsewhere. */
const GRACE = '300 ms'
/** A training does not: it is told at once, keeps a checkpoint, and another worker goes on. */
const TRAINING_GRACE = 0

/**
 * Resolves after a shutdown by `signal`. Throws SERVERS_UNKNOWN, what `checkStore` throws where it is fatal, and where nobody is told
 * of a wait TEMPORAL_UNAVAILABLE and STORE_UNAVAILABLE too.
 */
export async function runWorkers(options: RunWorkers): Promise<void> {
  const { config, signal, onWait: say } = options
  const { endpoints } = config
  if (endpoints === null) throw failure('SERVERS_UNKNOWN')
  const { temporal, s3, kafka } = serversOf(endpoints)
  try {
    const link = await awaitServer(temporal, () => connectTemporal(endpoints.temporal), { signal, say })
    try {
      await awaitServer(s3, () => checkStore(endpoints.s3), { signal, say })
      // training and questions need no broker: ingest waits for it by itself
      if (say !== undefined && takesData(options)) awaitServer(kafka, async () => {}, { signal, say }).catch(() => {})
      await workUntilAborted(options, { link, endpoints })
    } finally {
      await link.close()
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
}

const takesData = ({ queues }: RunWorkers): boolean => queues === undefined || queues.includes('main')

async function workUntilAborted(
  options: RunWorkers,
  { link, endpoints }: { readonly link: TemporalLink; readonly endpoints: Endpoints },
): Promise<void> {
  const opened = await openDeps({ config: options.config, endpoints, temporal: link.client })
  try {
    const workers = await createWorkers(options, { link, deps: opened.deps, namespace: endpoints.temporal.namespace })
    await runUntilAborted(workers, options.signal, options.onReady)
  } finally {
    await opened.close()
  }
}

interface Parts {
  readonly link: TemporalLink
  readonly namespace: string
  readonly deps: Awaited<ReturnType<typeof openDeps>>['deps']
}

async function createWorkers({ config, queues, mainQueue }: RunWorkers, parts: Parts): Promise<Worker[]> {
  const { link, deps, namespace } = parts
  const queue = mainQueue ?? MAIN_QUEUE
  const shared = {
    connection: link.connection,
    namespace,
    shutdownGraceTime: GRACE,
    interceptors: { activity: [mapFailures] },
    // the default sends heartbeats after 80 % of the time-out only, and cancellations come with their answers
    maxHeartbeatThrottleInterval: BEAT_EVERY_MS,
    defaultHeartbeatThrottleInterval: BEAT_EVERY_MS,
  } satisfies Partial<WorkerOptions>
  const create: Record<WorkerRole, () => Promise<Worker>> = {
    main: async () =>
      await Worker.create({
        ...shared,
        taskQueue: queue,
        workflowBundle: { codePath: await workflowBundle(config.cacheDir) },
        activities: createDataActivities(deps),
        interceptors: { activity: [mapFailures, leaveWhenStopped] },
        maxConcurrentActivityTaskExecutions: DATA_SLOTS,
        // after a killed worker the next one gets its workflows after a second instead of ten
        stickyQueueScheduleToStartTimeout: '1 second',
      }),
    cpu: () => createTrainer('cpu'),
    gpu: () => createTrainer('gpu'),
  }
  const createTrainer = (device: 'cpu' | 'gpu'): Promise<Worker> =>
    Worker.create({
      ...shared,
      taskQueue: trainQueue(queue, device),
      activities: createTrainingActivities(deps),
      maxConcurrentActivityTaskExecutions: 1,
      shutdownGraceTime: TRAINING_GRACE,
    })
  return await Promise.all((queues ?? ['main', 'cpu']).map((role) => create[role]()))
}

/** Ends all workers when one of them fails. */
async function runUntilAborted(workers: readonly Worker[], signal: AbortSignal, onReady?: () => void): Promise<void> {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  const running = workers.map((worker) => worker.run().finally(stop))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  else onReady?.()
  const ended = await Promise.allSettled(running)
  signal.removeEventListener('abort', stop)
  for (const result of ended) if (result.status === 'rejected') throw result.reason
}

/** `node workers/main.ts [main] [cpu] [gpu]` */
async function runFromCommandLine(): Promise<void> {
  const roles: readonly WorkerRole[] = ['main', 'cpu', 'gpu']
  const asked = roles.filter((role) => process.argv.slice(2).includes(role))
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1) // asked twice: at once; Temporal gives the work to another worker
      controller.abort()
    })
  }
  Runtime.install({ logger: new DefaultLogger('WARN', printLine) })
  await runWorkers({
    config: loadConfig(),
    signal: controller.signal,
    ...(asked.length === 0 ? {} : { queues: asked }),
    onReady: () => console.log('sluice worker: ready'),
    onWait: (line) => console.log(`sluice worker: ${line}`),
  })
}

/** One line per entry, so that a log file can be searched. */
function printLine({ level, message, meta }: LogEntry): void {
  const { error, ...facts } = (meta ?? {}) as { error?: unknown }
  const detail = error === undefined ? '' : ` ${error instanceof Error ? error.message : String(error)}`
  console.error(`${new Date().toISOString()} ${level} ${message}${detail} ${inspect(facts, { breakLength: Infinity })}`)
}

// started as a program, not imported
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await runFromCommandLine().catch((error: unknown) => {
    console.error(isFailure(error) ? `${error.code}: ${error.message}\nnext: ${error.next}` : error)
    process.exit(1)
  })
