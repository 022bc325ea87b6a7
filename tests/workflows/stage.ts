// A stage for workflow tests: workers on queues of their own, with activities that the test directs.
import { randomUUID } from 'node:crypto'
import { Client } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker'
import type { Activities } from '../../activities/index.ts'
import { createPromoteActivities } from '../../activities/promote.ts'
import { createRollbackActivities } from '../../activities/rollback.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { trainQueue } from '../../schemas/ids.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import { mapFailures } from '../../workers/failure-mapping.ts'
import { aDataset, aModel, anEvaluation, anObject, aSnapshot, aSource } from './builders.ts'

export interface Stage {
  readonly client: Client
  readonly queue: string
  /** the ledger's store: promote activities are the real ones */
  readonly store: Store
  /** names of the activities that were called, in order */
  readonly calls: string[]
  /** a pipeline name that no other test uses */
  readonly pipeline: string
  close(): Promise<void>
}

export interface StageOptions {
  readonly endpoints: Pick<Endpoints, 'temporal'>
  readonly cacheDir: string
  readonly activities?: Partial<Activities>
  readonly device?: 'cpu' | 'gpu'
  /** called with an activity's name and input before it does anything */
  readonly before?: (name: string, input: unknown) => Promise<void>
}

/** Everything succeeds: one new range, a dataset, a model, a PASS. */
export function happyActivities(store: Store): Activities {
  return {
    ...createPromoteActivities({ store }),
    ...createRollbackActivities({ store, runTrainer: undefined as never, backend: undefined, projectDir: '.' }),
    checkModel: async () => {},
    readDataset: async () => aDataset(),
    summarise: async () => '## What the approver reads',
    planIngest: async () => ({
      source: aSource,
      head: null,
      ranges: [{ topic: 'demo', partition: 0, start: 0, end: 102 }],
      more: false,
    }),
    countNewRows: async () => 0,
    acceptLoss: async () => aSnapshot(),
    ingestRanges: async ({ ranges }) => ({ results: anObject(JSON.stringify(ranges)), rows: 100, rejects: 2 }),
    commitIngest: async () => aSnapshot(),
    cleanSnapshot: async () => ({ value: aDataset(), reused: false, why: 'first run' }),
    trainModel: async () => ({ value: aModel(), reused: false, why: 'first run' }),
    evaluateCandidate: async ({ model, champion }) => ({
      value: anEvaluation('PASS', model, champion?.digest ?? null),
      reused: false,
      why: 'first run',
    }),
    requestRetrain: async () => {},
  }
}

let quiet = false

/** Starts workers for `activities` on top of the happy ones. Close it in the end. */
export async function openStage({
  endpoints,
  cacheDir,
  activities = {},
  device = 'cpu',
  before = async () => {},
}: StageOptions): Promise<Stage> {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') })
  quiet = true
  const { address, namespace } = endpoints.temporal
  const connection = await NativeConnection.connect({ address })
  const id = randomUUID().slice(0, 8)
  const queue = `test-${id}-main`
  const store = memoryStore()
  const calls: string[] = []
  const acted = recorded({ ...happyActivities(store), ...activities }, calls, before)
  const shared = {
    connection,
    namespace,
    activities: acted,
    interceptors: { activity: [mapFailures] },
    maxHeartbeatThrottleInterval: '1 second', // as the real worker: activities learn of a cancellation with it
  } satisfies Partial<WorkerOptions>
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: queue,
      stickyQueueScheduleToStartTimeout: '1 second',
      workflowBundle: { codePath: await workflowBundle(cacheDir) },
    }),
    Worker.create({ ...shared, taskQueue: trainQueue(queue, device), maxConcurrentActivityTaskExecutions: 1 }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  return {
    client: new Client({ connection, namespace }),
    queue,
    store,
    calls,
    pipeline: `demo-${id}`,
    async close() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
      await running
      await connection.close()
    },
  }
}

function recorded(activities: Activities, calls: string[], before: NonNullable<StageOptions['before']>): Activities {
  const entries = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      calls.push(name)
      await before(name, input)
      return await (activity as (input: never) => unknown)(input)
    },
  ])
  return Object.fromEntries(entries) as Activities
}
