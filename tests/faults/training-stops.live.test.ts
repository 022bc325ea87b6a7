// A training that is cancelled, or whose worker is stopped, keeps its last step; whoever goes on ends with the same bits.

import { once } from 'node:events'
import type { WorkflowHandle } from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { isAlive } from '../../core/process-identity.ts'
import { candidateOf, openTrainingRun, type TrainingRun } from './training-run.ts'

/** of the first epoch, so that no checkpoint is due before */
const IN_THE_MIDDLE = 200

let run: TrainingRun
let undisturbed: string
beforeAll(async () => {
  run = await openTrainingRun(inject('endpoints'))
  undisturbed = await run.undisturbed()
})
beforeEach(() => run.reset())
afterAll(() => run?.close())

test('a cancelled training keeps its last step', { timeout: 240_000 }, async () => {
  const worker = await run.startWorker()
  const cancelled = await run.start()
  const { trainer, step } = await run.trainerBeyond(cancelled, worker, IN_THE_MIDDLE)
  await cancelled.cancel()
  expect(await causeOf(cancelled)).toBeInstanceOf(CancelledFailure)
  expect(isAlive(trainer)).toBe(false) // the run waits for it
  const { requestedMs, endedMs } = await cancellationOf(cancelled)
  console.log(`the trainer was gone ${Math.round(endedMs - requestedMs)} ms after the request to cancel`)
  const kept = Math.max(...(await run.checkpoints()))
  expect(kept).toBeGreaterThanOrEqual(step)

  const second = await run.start()
  expect(await run.firstStepOf(second)).toBeGreaterThanOrEqual(kept)
  expect(await candidateOf(second)).toBe(undisturbed)
})

test('a stopped worker hands its training over', { timeout: 240_000 }, async () => {
  const worker = await run.startWorker()
  const handle = await run.start()
  const { trainer, step } = await run.trainerBeyond(handle, worker, IN_THE_MIDDLE)
  const other = run.startWorker()
  worker.kill('SIGTERM')
  expect(await once(worker, 'exit')).toEqual([0, null])
  expect(isAlive(trainer)).toBe(false)
  expect(Math.max(...(await run.checkpoints()))).toBeGreaterThanOrEqual(step)
  expect(await candidateOf(handle)).toBe(undisturbed)
  expect(await attemptsOf(handle)).toEqual({ attempt: 2, after: 'WorkerShutdown' }) // not a heartbeat's time-out
  expect((await other).exitCode).toBeNull()
})

async function causeOf(handle: WorkflowHandle): Promise<unknown> {
  return await handle.result().then(
    () => null,
    (error: { cause?: unknown }) => error.cause,
  )
}

/** By the server's clock: when the run was asked to end, and when its training had. */
async function cancellationOf(handle: WorkflowHandle): Promise<{ requestedMs: number; endedMs: number }> {
  const { events } = await handle.fetchHistory()
  const timeOf = (name: 'workflowExecutionCancelRequested' | 'activityTaskCanceled'): number => {
    const { seconds, nanos } = events?.find((event) => event[`${name}EventAttributes`] != null)?.eventTime ?? {}
    return Number(seconds) * 1_000 + Number(nanos) / 1e6
  }
  return { requestedMs: timeOf('workflowExecutionCancelRequested'), endedMs: timeOf('activityTaskCanceled') }
}

/** Of the activity that trained: its last attempt, and what ended the one before. */
async function attemptsOf(handle: WorkflowHandle): Promise<{ attempt: number; after: string | null | undefined }> {
  const { events } = await handle.fetchHistory()
  const training = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'trainModel',
  )
  const started = events?.find(
    ({ activityTaskStartedEventAttributes: attributes }) =>
      attributes != null && String(attributes.scheduledEventId) === String(training?.eventId),
  )?.activityTaskStartedEventAttributes
  return { attempt: started?.attempt ?? 0, after: started?.lastFailure?.applicationFailureInfo?.type }
}
