// Follows a run to its end: stages as they finish, a bar for what goes on, what it waits for.
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { RETRAIN_PROGRESS_QUERY, type RetrainProgress, type RetrainResult } from '../../schemas/run.ts'
import type { Servers } from '../../workers/servers/reach.ts'
import { isUnavailable } from '../temporal-connection.ts'
import { heartbeatOf } from '../waiting/look-at-run.ts'
import type { PendingActivity } from '../waiting/seen.ts'
import { tellWaits } from '../waiting/tell-waits.ts'
import { describeStage, describeTraining } from './describe-run.ts'
import type { Progress, ProgressUpdate } from './progress.ts'
import { resultAfterResets, type Started } from './result-after-resets.ts'
import { asFailure } from './run-failure.ts'

const POLL_MS = 400
/** A query without a worker takes seconds to fail. */
const QUERY_TIMEOUT_MS = 3_000
/** For the last call of one who stops watching. */
const STOP_WITHIN_MS = 400

export interface FollowRun {
  readonly client: Client
  readonly handle: Started
  /** in words, e.g. "the run" */
  readonly what: string
  readonly progress: Progress
  /** that the run's work needs: looked at when it takes its time */
  readonly servers?: Servers
  /** stop watching; the run itself goes on */
  readonly signal?: AbortSignal
}

/**
 * Resolves to the run's result, its successors included. Throws the failure of the catalogue that ended it,
 * and the signal's reason when told to stop watching.
 */
export async function followRun(options: FollowRun): Promise<RetrainResult> {
  const { result, watched: shown } = await follow<RetrainResult, number>(options, watchStages)
  for (const stage of result.stages.slice(shown)) options.progress.line(describeStage(stage))
  return result
}

/** The same for a workflow that tells no stages: only what it waits for is said. */
export async function followWaits<T>(options: FollowRun): Promise<T> {
  return (await follow<T, void>(options, watchWaits)).result
}

type Watched = FollowRun & { readonly signal: AbortSignal }

async function follow<T, W>(
  options: FollowRun,
  watch: (watched: Watched) => Promise<W>,
): Promise<{ result: T; watched: W }> {
  const { progress, signal } = options
  const end = new AbortController()
  const watching = watch({ ...options, signal: end.signal })
  const stop = new Promise<never>((_resolve, reject) => {
    signal?.throwIfAborted()
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  try {
    const result = await Promise.race([resultOf<T>(options, end.signal), stop])
    end.abort()
    return { result, watched: await watching }
  } catch (error) {
    throw asFailure(error, { followed: options.what, workflowId: options.handle.workflowId })
  } finally {
    end.abort()
    await Promise.race([watching, delay(STOP_WITHIN_MS, undefined, { ref: false })])
    progress.close()
  }
}

/** A run goes on without the server's answer, so it is asked again for as long as somebody watches. */
async function resultOf<T>({ client, handle, progress }: FollowRun, signal: AbortSignal): Promise<T> {
  const onReset = (): void => progress.line('  somebody reset the run in Temporal: it goes on from there')
  for (;;) {
    try {
      return await resultAfterResets<T>(client, handle, onReset)
    } catch (error) {
      if (!isUnavailable(error) || signal.aborted) throw error
      await delay(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }
}

/** Prints every stage once, as it ends; → how many were printed. */
async function watchStages(watched: Watched): Promise<number> {
  const { client, handle, progress, signal } = watched
  const waits = waitsOf(watched)
  let shown = 0
  for (; !signal.aborted; await pause(signal)) {
    const { seen, wait, answers } = await waits.look()
    if (signal.aborted || !answers) continue
    const now = await queryProgress(client, handle)
    if (signal.aborted) break
    if (now === null) {
      if (wait === null) progress.update({ label: 'waits', detail: "for the worker's answer" })
      continue
    }
    // fewer than were shown: a successor runs, with a story of its own
    if (now.stages.length < shown) shown = 0
    for (const stage of now.stages.slice(shown)) progress.line(describeStage(stage))
    shown = now.stages.length
    if (now.stage !== 'done' && wait === null) progress.update(describeNow(now, seen?.run.pendingActivities ?? []))
  }
  return shown
}

async function watchWaits(watched: Watched): Promise<void> {
  const waits = waitsOf(watched)
  for (; !watched.signal.aborted; await pause(watched.signal)) await waits.look()
}

function waitsOf({ client, handle, progress, servers }: Watched) {
  return tellWaits({ client, handle, servers }, progress)
}

const pause = (signal: AbortSignal): Promise<void> => delay(POLL_MS, undefined, { signal }).catch(() => {})

async function queryProgress(client: Client, handle: Started): Promise<RetrainProgress | null> {
  const deadline = Date.now() + QUERY_TIMEOUT_MS
  return client.withDeadline(deadline, () => handle.query<RetrainProgress>(RETRAIN_PROGRESS_QUERY)).catch(() => null)
}

function describeNow({ stage, detail }: RetrainProgress, pending: readonly PendingActivity[]): ProgressUpdate {
  if (stage !== 'train' && stage !== 'evaluate') return { label: stage, detail }
  const beating = pending.find(({ heartbeatDetails }) => heartbeatDetails)
  return describeTraining(stage, beating ? heartbeatOf(beating) : null) ?? { label: stage, detail }
}
