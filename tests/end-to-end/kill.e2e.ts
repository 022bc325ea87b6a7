// kill -9 of each process in the middle of a run: it ends with the same dataset and the same model as an undisturbed run.
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isAlive } from '../../core/process-identity.ts'
import { permutation, seededRandom } from '../../core/random.ts'
import { ROOT_DIR } from '../../infra/places.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { ServerName } from '../../schemas/endpoints.ts'
import { retrainWorkflowId } from '../../schemas/ids.ts'
import { RETRAIN_PROGRESS_QUERY, type RetrainProgress, type RetrainResult, type StageName } from '../../schemas/run.ts'
import { checkpointSteps, endWorker, trainersOf } from '../faults/training-run.ts'
import { openStack, type Stack, stopChild } from './stack.ts'

const PIPELINE = 'steady'
const EVENTS = 3_000
/** Small ranges, so that ingest has many steps to be killed in. */
const SETTINGS = { SLUICE_MAX_RANGE_ROWS: '100' }
const POLL_MS = 25
/** of 2,250 steps, a checkpoint every 75 or sooner: three kills leave some to be done */
const KILL_EVERY_STEPS = 300
const KILL_WITHIN_MS = 50

let stack: Stack
let worker: ChildProcess
let undisturbed: RetrainResult
let bucket = 0

beforeAll(async () => {
  stack = await openStack({ name: 'kill', projectDir: path.join(ROOT_DIR, 'tests', 'fixtures', 'project') })
  await sluice(['apply', PIPELINE])
  await sluice(['send', PIPELINE, '--count', String(EVENTS)])
  undisturbed = await resultOf(await startRun())
})

afterEach(() => stopChild(worker))
afterAll(() => stack?.close())

test('an undisturbed run trains a model', () => {
  expect(undisturbed.candidate?.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(undisturbed.stages.every(({ reused }) => !reused)).toBe(true)
})

describe.each<{ victim: ServerName; stage: StageName }>([
  { victim: 'kafka', stage: 'ingest' },
  { victim: 's3', stage: 'ingest' },
  { victim: 's3', stage: 'train' },
  { victim: 'temporal', stage: 'ingest' },
  { victim: 'temporal', stage: 'train' },
])('kill -9 of $victim in $stage', ({ victim, stage }) => {
  test('changes no byte', async () => {
    const handle = await startRun()
    await untilStage(handle, stage)
    await stack.kill(victim)
    await stack.restart()
    expectSame(await resultOf(handle))
  })
})

describe.each<StageName>(['ingest', 'clean', 'train', 'evaluate'])('kill -9 of the worker in %s', (stage) => {
  test('changes no byte', async () => {
    const handle = await startRun()
    await untilStage(handle, stage)
    await endWorker(worker)
    worker = stack.start(['worker'], settings())
    expectSame(await resultOf(handle))
  })
})

test('kill -9 of the trainer changes no byte', async () => {
  const handle = await startRun()
  const [trainer] = await trainerBeyond(0)
  process.kill(trainer, 'SIGKILL')
  expectSame(await resultOf(handle))
})

test('kills at random steps of one training change no byte', async () => {
  const seed = randomInt(2 ** 31)
  const random = seededRandom(seed)
  const handle = await startRun()
  const reached: number[] = []
  for (const choice of permutation(3, random)) {
    const [trainer, step] = await trainerBeyond((reached.at(-1) ?? 0) + random() * KILL_EVERY_STEPS)
    reached.push(step)
    await delay(random() * KILL_WITHIN_MS)
    if (choice > 0) await endWorker(worker) // 0: the trainer; 1: the worker; 2: both
    if (choice !== 1) process.kill(trainer, 'SIGKILL')
    if (choice > 0) worker = stack.start(['worker'], settings())
  }
  expectSame(await resultOf(handle), `seed ${seed}, killed behind the checkpoints of steps ${reached}`)
  expect(await attemptsOf(handle)).toBe(1 + reached.length) // else a kill met nobody
})

test('SIGTERM of the worker hands the training over', async () => {
  const handle = await startRun()
  const [trainer] = await trainerBeyond(0)
  const stopped = worker
  worker = stack.start(['worker'], settings())
  const gone = once(stopped, 'exit')
  stopped.kill('SIGTERM')
  expect(await gone).toEqual([0, null])
  expect(isAlive(trainer)).toBe(false)
  expectSame(await resultOf(handle))
  expect((await lastStartOf(handle))?.lastFailure?.applicationFailureInfo?.type).toBe('WorkerShutdown') // no time-out
})

function expectSame(result: RetrainResult, how = ''): void {
  expect(result.dataset?.digest, how).toBe(undisturbed.dataset?.digest)
  expect(result.candidate?.digest, how).toBe(undisturbed.candidate?.digest)
}

/** Every run fills a bucket of its own from the same topic. */
const settings = () => ({ ...SETTINGS, SLUICE_S3_BUCKET: `kill-${bucket}` })

async function startRun(): Promise<WorkflowHandle> {
  bucket++
  await sluice(['apply', PIPELINE])
  worker = stack.start(['worker'], settings())
  await sluice(['run', PIPELINE, '--detach'])
  return stack.client.workflow.getHandle(retrainWorkflowId(PIPELINE))
}

/** Resolves while the stage runs. Throws when the run ends before: then nothing would have been killed in it. */
async function untilStage(handle: WorkflowHandle, stage: StageName): Promise<void> {
  for (;;) {
    const progress = await progressOf(handle)
    if (progress?.stage === stage) return
    if (progress?.stage === 'done' || progress?.stages.some((report) => report.stage === stage))
      throw new Error(`the run was past ${stage} before it could be disturbed`)
    await delay(POLL_MS)
  }
}

/** Resolves when the trainer has kept a checkpoint of a step beyond `step`: its PID, and that step. */
async function trainerBeyond(step: number): Promise<[pid: number, step: number]> {
  const store = openS3Store({ ...stack.endpoints.s3, bucket: settings().SLUICE_S3_BUCKET })
  try {
    for (;;) {
      const steps = await checkpointSteps(store, PIPELINE).catch(() => []) // no bucket yet
      const newest = steps.at(-1) ?? 0
      const [trainer] = trainersOf(worker)
      if (trainer !== undefined && newest > step) return [trainer, newest]
      await delay(POLL_MS)
    }
  } finally {
    store.close()
  }
}

/** Of the activity that trained: the start of its last attempt, with the failure of the one before. */
async function lastStartOf(handle: WorkflowHandle) {
  const events = (await handle.fetchHistory()).events ?? []
  const training = events.find((each) => each.activityTaskScheduledEventAttributes?.activityType?.name === 'trainModel')
  const starts = events.map((event) => event.activityTaskStartedEventAttributes)
  return starts.find((start) => start != null && String(start.scheduledEventId) === String(training?.eventId))
}

async function attemptsOf(handle: WorkflowHandle): Promise<number | null | undefined> {
  return (await lastStartOf(handle))?.attempt
}

async function progressOf(handle: WorkflowHandle): Promise<RetrainProgress | null> {
  return handle.query<RetrainProgress>(RETRAIN_PROGRESS_QUERY).catch(() => null)
}

/** Waits through a server that is down: only the workflow's own failure counts. */
async function resultOf(handle: WorkflowHandle): Promise<RetrainResult> {
  for (;;) {
    try {
      return (await handle.result()) as RetrainResult
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowFailedError') throw error
      await delay(POLL_MS)
    }
  }
}

async function sluice(args: readonly string[]): Promise<void> {
  const { code, text } = await stack.sluice(args, settings())
  if (code !== 0) throw new Error(`sluice ${args.join(' ')}: exit code ${code}\n${text}`)
}
