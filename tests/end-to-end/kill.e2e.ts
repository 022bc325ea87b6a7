// kill -9 of each process in the middle of a run: it ends with the same dataset and the same model as an undisturbed run.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ROOT_DIR } from '../../infra/places.ts'
import type { ServerName } from '../../schemas/endpoints.ts'
import { retrainWorkflowId } from '../../schemas/ids.ts'
import { RETRAIN_PROGRESS_QUERY, type RetrainProgress, type RetrainResult, type StageName } from '../../schemas/run.ts'
import { childrenOf, openStack, type Stack, stopChild } from './stack.ts'

const PIPELINE = 'steady'
const EVENTS = 3_000
/** Small ranges, so that ingest has many steps to be killed in. */
const SETTINGS = { SLUICE_MAX_RANGE_ROWS: '100' }
const POLL_MS = 25

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
    const gone = once(worker, 'exit')
    worker.kill('SIGKILL')
    await gone
    worker = stack.start(['worker'], settings())
    expectSame(await resultOf(handle))
  })
})

test('kill -9 of the trainer changes no byte', async () => {
  const handle = await startRun()
  const trainer = await trainerInTheMiddle(handle)
  process.kill(trainer, 'SIGKILL')
  expectSame(await resultOf(handle))
})

function expectSame(result: RetrainResult): void {
  expect(result.dataset?.digest).toBe(undisturbed.dataset?.digest)
  expect(result.candidate?.digest).toBe(undisturbed.candidate?.digest)
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

/** PID of a trainer that has written a checkpoint. */
async function trainerInTheMiddle(handle: WorkflowHandle): Promise<number> {
  await untilStage(handle, 'train')
  for (;;) {
    const trainer = childrenOf(worker.pid!).find((pid) => commandOf(pid).includes('trainer.ts'))
    if (trainer !== undefined && (await heartbeatSays(handle, 'checkpoint'))) return trainer
    await delay(POLL_MS)
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

async function heartbeatSays(handle: WorkflowHandle, word: string): Promise<boolean> {
  const { raw } = await handle.describe()
  const payloads = raw.pendingActivities?.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads ?? []) ?? []
  return payloads.some(({ data }) => data != null && new TextDecoder().decode(data).includes(word))
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
