// Follows a run to its end: stages as they finish, a bar for what goes on.
import { setTimeout as delay } from 'node:timers/promises'
import {
  ApplicationFailure,
  CancelledFailure,
  type Client,
  defaultPayloadConverter,
  TemporalFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client'
import { FAILURES, type FailureCode, type FailureFacts, failure } from '../../schemas/failures.ts'
import { MAIN_QUEUE } from '../../schemas/ids.ts'
import { RETRAIN_PROGRESS_QUERY, type RetrainProgress, type RetrainResult } from '../../schemas/run.ts'
import type { TrainHeartbeat } from '../../schemas/trainer.ts'
import { hasWorker } from '../clients.ts'
import { describeRetry, describeStage, describeTraining, type PendingActivity } from './describe-run.ts'
import type { Progress, ProgressUpdate } from './progress.ts'
import { resultAfterResets } from './result-after-resets.ts'

const POLL_MS = 400
/** A query without a worker takes seconds to fail: longer than this and the server is asked whether one is there. */
const QUERY_TIMEOUT_MS = 3_000

export interface FollowRun {
  readonly client: Client
  readonly handle: WorkflowHandle
  readonly progress: Progress
  /** stop watching; the run itself goes on */
  readonly signal?: AbortSignal
}

/**
 * Resolves to the run's result, its successors included. Throws the failure of the catalogue that ended it,
 * and the signal's reason when told to stop watching.
 */
export async function followRun({ client, handle, progress, signal }: FollowRun): Promise<RetrainResult> {
  const watch = new AbortController()
  const watching = watchStages({ client, handle, progress, signal: watch.signal })
  const stop = new Promise<never>((_resolve, reject) => {
    signal?.throwIfAborted()
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  try {
    const onReset = (): void => progress.line('  somebody reset the run in Temporal: it goes on from there')
    const result = await Promise.race([resultAfterResets<RetrainResult>(client, handle, onReset), stop])
    watch.abort()
    const shown = await watching
    for (const stage of result.stages.slice(shown)) progress.line(describeStage(stage))
    return result
  } catch (error) {
    throw asFailure(error)
  } finally {
    watch.abort()
    // the caller closes the connection: a call that the client retries after that would end this process with a stack
    await Promise.race([watching, delay(QUERY_TIMEOUT_MS, undefined, { ref: false })])
    progress.close()
  }
}

/** Prints every stage once, as it ends; → how many were printed. */
async function watchStages({ client, handle, progress, signal }: FollowRun & { signal: AbortSignal }): Promise<number> {
  let shown = 0
  while (!signal.aborted) {
    const now = await queryProgress(client, handle)
    if (signal.aborted) break
    if (now === null) progress.update({ label: 'waits', detail: await whyNoAnswer(client) })
    else {
      // fewer than were shown: a successor runs, with a story of its own
      if (now.stages.length < shown) shown = 0
      for (const stage of now.stages.slice(shown)) progress.line(describeStage(stage))
      shown = now.stages.length
      if (now.stage !== 'done') progress.update(await describeNow(handle, now))
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => {})
  }
  return shown
}

async function queryProgress(client: Client, handle: WorkflowHandle): Promise<RetrainProgress | null> {
  const deadline = Date.now() + QUERY_TIMEOUT_MS
  return client.withDeadline(deadline, () => handle.query<RetrainProgress>(RETRAIN_PROGRESS_QUERY)).catch(() => null)
}

async function whyNoAnswer(client: Client): Promise<string> {
  const there = await hasWorker(client, MAIN_QUEUE).catch(() => false)
  return there ? 'the worker is busy' : 'no worker runs: start one with `sluice worker`'
}

async function describeNow(handle: WorkflowHandle, { stage, detail }: RetrainProgress): Promise<ProgressUpdate> {
  const pending = await pendingActivities(handle).catch(() => [])
  const failed = describeRetry(stage, pending)
  if (failed !== null) return failed
  if (stage !== 'train' && stage !== 'evaluate') return { label: stage, detail }
  return describeTraining(stage, heartbeatOf(pending)) ?? { label: stage, detail }
}

async function pendingActivities(handle: WorkflowHandle): Promise<readonly PendingActivity[]> {
  const { raw } = await handle.describe()
  return raw.pendingActivities ?? []
}

/** Heartbeat details of the activity that runs. */
function heartbeatOf(pending: readonly PendingActivity[]): TrainHeartbeat | null {
  const payload = pending.find(({ heartbeatDetails }) => heartbeatDetails)?.heartbeatDetails?.payloads?.[0]
  return payload ? defaultPayloadConverter.fromPayload<TrainHeartbeat>(payload) : null
}

/** The catalogue failure inside Temporal's layers, or RUN_STOPPED for a run that somebody ended; any other error as it is. */
export function asFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error
  if (error.cause instanceof CancelledFailure) return failure('RUN_STOPPED', { how: 'cancelled' }, error)
  if (error.cause instanceof TerminatedFailure) return failure('RUN_STOPPED', { how: 'terminated' }, error)
  if (error.cause instanceof TimeoutFailure) return failure('RUN_STOPPED', { how: 'timed out' }, error)
  for (let cause: unknown = error.cause; cause instanceof TemporalFailure; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && cause.type != null && cause.type in FAILURES) {
      return failure(cause.type as FailureCode, (cause.details?.[0] ?? {}) as FailureFacts, error)
    }
  }
  return error
}
