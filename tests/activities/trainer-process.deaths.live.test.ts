// Which ends of a training count against it, on a real Temporal server: deaths without progress do, workers that stop do not.
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type ApplicationFailure, Client, WorkflowFailedError } from '@temporalio/client'
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps, TrainerHooks } from '../../activities/deps.ts'
import { failure } from '../../schemas/failures.ts'
import type { TrainerLine } from '../../schemas/trainer.ts'
import { mapFailures } from '../../workers/failure-mapping.ts'
import { aDataset, aModel, anObject, aPlan } from '../workflows/builders.ts'
import type { oneTraining } from './one-training.ts'
import { openTwins } from './twins.ts'

const DIED = failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 7, log: '' })
const TRAINED: TrainerLine = { type: 'trained', model: aModel() }

let connection: NativeConnection
let bundle: WorkflowBundle
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  connection = await NativeConnection.connect({ address: inject('endpoints').temporal.address })
  const workflowsPath = fileURLToPath(new URL('./one-training.ts', import.meta.url))
  bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })
}, 60_000)
afterAll(() => connection?.close())

/** One attempt after the other, as the test plays it. */
type Attempt = (hooks: TrainerHooks, stopWorker: () => void) => Promise<TrainerLine>

const dies: Attempt = () => Promise.reject(DIED)
const trains: Attempt = async () => TRAINED
/** keeps a checkpoint of this step, then dies */
const diesAfter =
  (step: number): Attempt =>
  ({ onLine }) => {
    onLine({ type: 'checkpoint', checkpoint: { ...anObject(`checkpoint ${step}`), step } })
    return Promise.reject(DIED)
  }
/** told to stop with its worker, as a deployment does */
const handedOver: Attempt = ({ signal }, stopWorker) => {
  const { promise, reject } = Promise.withResolvers<TrainerLine>()
  signal.addEventListener('abort', () => reject(DIED))
  stopWorker()
  return promise
}

/** Trains under real workers, each in the place of one that was stopped. → the model's digest, or the failure's type and attempts. */
async function train(attempts: readonly Attempt[]) {
  const { namespace } = inject('endpoints').temporal
  const taskQueue = `test-${randomUUID()}`
  const left = [...attempts]
  const runTrainer: Deps['runTrainer'] = (_job, hooks) => left.shift()!(hooks, () => worker?.shutdown())
  const { activities } = openTwins({ runTrainer })
  let worker: Worker | undefined
  const start = (): Promise<Worker> =>
    Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle: bundle,
      activities,
      shutdownGraceTime: 0,
      interceptors: { activity: [mapFailures] },
      stickyQueueScheduleToStartTimeout: '100 ms',
    })
  const client = new Client({ connection, namespace })
  const input = { plan: aPlan({ name: taskQueue }), dataset: aDataset() }
  const handle = await client.workflow.start<typeof oneTraining>('oneTraining', {
    taskQueue,
    workflowId: taskQueue,
    args: [input],
  })
  const result = handle.result().then(
    ({ value }) => value.digest,
    (error: unknown) => {
      const cause = error instanceof WorkflowFailedError ? error.cause?.cause : error
      return (cause as ApplicationFailure).type ?? cause
    },
  )
  const ended = result.finally(() => worker?.getState() === 'RUNNING' && worker.shutdown())
  const isOver = ended.then(() => true)
  do {
    worker = await start()
    await worker.run()
  } while (!(await Promise.race([isOver, Promise.resolve(false)])) && left.length > 0)
  return { end: await ended, unused: left.length }
}

const times = (count: number, attempt: Attempt): Attempt[] => Array.from({ length: count }, () => attempt)
/** as docs/guides/training.md says */
const GIVEN_UP_AFTER = 20
const PATIENCE = GIVEN_UP_AFTER - 1

test.concurrent('a death without progress counts', { timeout: 120_000 }, async () => {
  const story = [...times(10, dies), handedOver, ...times(PATIENCE - 10, dies), dies, trains, trains]
  expect(await train(story)).toEqual({ end: 'TRAINER_GIVEN_UP', unused: 2 })
})

test.concurrent('progress and stopped workers do not', { timeout: 120_000 }, async () => {
  const story = [...times(PATIENCE, dies), diesAfter(40), ...times(GIVEN_UP_AFTER + 1, handedOver), dies, trains]
  expect(await train(story)).toEqual({ end: aModel().digest, unused: 0 })
})
