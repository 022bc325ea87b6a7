// What a run waits for, and what to do about it: the one answer, for sluice run, ingest and status alike. Pure.
import { defaultPayloadConverter } from '@temporalio/client'
import { FAILURES, type FailureCode, type FailureFacts, failure } from '../../schemas/failures.ts'
import { SILENT } from '../../workers/servers/reach.ts'
import { byWhom } from '../last-events.ts'
import { ATTRIBUTE_NAMES, creationAdvice } from '../search-attributes.ts'
import { latelySeen } from './pollers.ts'
import {
  ACTIVITY_STATE,
  type DescribedRun,
  msOf,
  PAUSED_EXECUTION,
  type PendingActivity,
  queueOf,
  type Seen,
  type SeenQueue,
  type TaskFailure,
  taskWaitsSinceMs,
  waitsSinceMs,
  workflowQueueOf,
} from './seen.ts'
import { stageOf } from './stages.ts'

export interface Wait {
  /** stays the same while the same is waited for */
  readonly what: string
  readonly next: string
  /** how what is waited for goes on */
  readonly progress?: string
}

/** A heartbeat comes every second. */
const SILENT_AFTER_MS = 4_000
/** Short activities have no heartbeat to tell; longer than this is worth a look at the servers. */
const SLOW_AFTER_MS = 2_500

// WorkflowTaskFailedCause of Temporal's API
const BAD_SEARCH_ATTRIBUTES = 23
const NON_DETERMINISTIC = 24

const HEARTBEAT_TIMEOUT = 4 // TimeoutType of Temporal's API

/** null: it goes on, as far as can be seen. */
export function explainWait(seen: Seen): Wait | null {
  const activities = seen.run.pendingActivities ?? []
  return (
    pausedRun(seen.run) ??
    failingTask(seen) ??
    untakenTask(seen) ??
    first(activities, pausedActivity) ??
    first(activities, (activity) => untakenActivity(activity, seen)) ??
    unreachableServer(activities, seen) ??
    first(activities, failedAttempt) ??
    first(activities, (activity) => silentWorker(activity, seen))
  )
}

function first(activities: readonly PendingActivity[], look: (activity: PendingActivity) => Wait | null): Wait | null {
  for (const activity of activities) {
    const wait = look(activity)
    if (wait !== null) return wait
  }
  return null
}

function pausedRun({ workflowExecutionInfo, workflowExtendedInfo }: DescribedRun): Wait | null {
  if (workflowExecutionInfo?.status !== PAUSED_EXECUTION) return null
  return {
    what: `the run was paused ${byWhom(workflowExtendedInfo?.pauseInfo)}`.trimEnd(),
    next: 'unpause it in the Temporal UI',
  }
}

function pausedActivity({ state, activityType, pauseInfo }: PendingActivity): Wait | null {
  if (state !== ACTIVITY_STATE.paused && state !== ACTIVITY_STATE.pauseRequested) return null
  return {
    what: `the activity ${activityType?.name} was paused ${byWhom(pauseInfo?.manual)}`.trimEnd(),
    next: 'unpause it in the Temporal UI, under Pending Activities',
  }
}

/** The workflow's code was tried, and could not go on: the server tries it again for ever. */
function failingTask({ run, taskFailure, namespace }: Seen): Wait | null {
  if (taskFailure === null || Number(run.pendingWorkflowTask?.attempt ?? 0) < 2) return null
  if (taskFailure.cause === NON_DETERMINISTIC) {
    return {
      what: 'the worker has other workflow code than the one that this run began with, and cannot go on with it',
      next: 'start a worker of that version, which ends the run; or terminate it in the Temporal UI and start it again: what is done is reused',
    }
  }
  if (taskFailure.cause === BAD_SEARCH_ATTRIBUTES) return missingAttribute(taskFailure, namespace)
  return {
    what: `the workflow's code fails: ${firstLine(taskFailure.message)}`,
    next: 'report this with the stack that the Temporal UI has; the run goes on by itself when a worker runs corrected code',
  }
}

/** The message names the first one that is missing. */
function missingAttribute({ message }: TaskFailure, namespace: string): Wait {
  const named = ATTRIBUTE_NAMES.filter((name) => message.includes(name))
  const advice = creationAdvice(namespace, named.length === 0 ? ATTRIBUTE_NAMES : named)
  return {
    what: `Temporal refuses a search attribute: ${firstLine(message)}`,
    next: `${advice}; the run goes on by itself`,
  }
}

function untakenTask({ run, queues, nowMs }: Seen): Wait | null {
  const queue = workflowQueueOf(run)
  if (taskWaitsSinceMs(run, nowMs) === null) return null
  const seen = queues[queue] ?? NOBODY
  const lately = latelySeen(seen.pollers, nowMs)
  return lately === null ? noWorker(queue, 'sluice worker') : untaken(queue, lately)
}

const NOBODY: SeenQueue = { pollers: [], busyWith: [] }

function untakenActivity(activity: PendingActivity, { run, queues, nowMs }: Seen): Wait | null {
  if (waitsSinceMs(activity, nowMs) === null) return null
  const queue = queueOf(activity, run)
  const seen = queues[queue] ?? NOBODY
  const [other] = seen.busyWith
  if (other !== undefined) return behind(other, queue)
  const lately = latelySeen(seen.pollers, nowMs)
  if (lately !== null) return untaken(queue, lately)
  if (!queue.endsWith('-gpu'))
    return noWorker(queue, queue.endsWith('-cpu') ? 'sluice worker --queues cpu' : 'sluice worker')
  return {
    what: `no worker runs for trainings on a GPU (queue ${queue}), and this pipeline asks for one`,
    next: "`sluice worker --queues gpu` on a machine with a GPU; or say `device: 'any'` in the pipeline file, `sluice apply`, and run it anew",
  }
}

function behind({ workflowId, activity, progress }: SeenQueue['busyWith'][number], queue: string): Wait {
  return {
    what: `the worker of queue ${queue} is busy with ${workflowId} (${stageOf(activity)})`,
    next: 'nothing: this run goes on when that one has ended; another worker for the queue takes it at once',
    ...(progress === '' ? {} : { progress: `${workflowId}: ${progress}` }),
  }
}

const noWorker = (queue: string, command: string): Wait => ({
  what: `no worker runs (queue ${queue})`,
  next: `start one: \`${command}\``,
})

/** The server lists a worker for minutes after its end: whether it is there shows in whether it takes work. */
function untaken(queue: string, identity: string): Wait {
  return {
    what: `no worker takes work from queue ${queue}: ${identity} did within the last minutes, and was ended or has its hands full`,
    next: 'look whether that process (number@machine) runs; `sluice worker` starts another one',
  }
}

/** A server that does not answer from here is the likely reason of whatever takes its time. */
function unreachableServer(activities: readonly PendingActivity[], { unreachable, nowMs }: Seen): Wait | null {
  const slow = activities.filter((activity) => isSlow(activity, nowMs))
  for (const { name, address, why } of unreachable) {
    const needs = slow.some(({ activityType }) => name !== 'Kafka' || stageOf(activityType?.name) === 'ingest')
    if (!needs) continue
    return {
      what: `${name} at ${address} ${why.startsWith(SILENT) ? 'does not answer' : 'takes no connections from here'}: ${why}`,
      next: 'bring it back, or correct its address; the run goes on by itself when the worker reaches it',
    }
  }
  return null
}

/** It has run, or been tried again, for longer than a server that is well takes to answer. */
export function isSlow({ state, lastStartedTime, attempt }: PendingActivity, nowMs: number): boolean {
  if (state === ACTIVITY_STATE.scheduled) return Number(attempt ?? 1) > 1
  return nowMs - (msOf(lastStartedTime) ?? nowMs) > SLOW_AFTER_MS
}

function failedAttempt({ state, lastFailure, attempt, lastWorkerIdentity: worker }: PendingActivity): Wait | null {
  if (state !== ACTIVITY_STATE.scheduled || !lastFailure) return null
  const progress = `attempt ${attempt} follows`
  if (lastFailure.timeoutFailureInfo?.timeoutType === HEARTBEAT_TIMEOUT)
    return { what: `the worker ${worker} was lost`, next: HANDED_OVER, progress }
  if (lastFailure.applicationFailureInfo?.type === 'WorkerShutdown')
    return { what: `the worker ${worker} was stopped`, next: HANDED_OVER, progress }
  const known = catalogued(lastFailure)
  if (known !== null) return { what: `failed: ${known.code}: ${known.message}`, next: known.next, progress }
  return {
    what: `failed: ${firstLine(lastFailure.message ?? 'no reason')}`,
    next: 'nothing yet: it is tried again by itself',
    progress,
  }
}

const HANDED_OVER = 'nothing: it goes on from what is kept, on another worker; `sluice worker` starts one'

/** The failure of the catalogue that an activity ended with; null for any other. */
function catalogued({ applicationFailureInfo: info }: NonNullable<PendingActivity['lastFailure']>) {
  if (!info?.type || !(info.type in FAILURES)) return null
  const payload = info.details?.payloads?.[0]
  const facts = payload ? defaultPayloadConverter.fromPayload<FailureFacts>(payload) : {}
  return failure(info.type as FailureCode, facts)
}

function silentWorker(activity: PendingActivity, { nowMs }: Seen): Wait | null {
  const { state, lastHeartbeatTime, lastStartedTime, lastWorkerIdentity: worker, activityType } = activity
  if (state !== ACTIVITY_STATE.started || msOf(lastHeartbeatTime) === null) return null
  const lastMs = Math.max(msOf(lastHeartbeatTime) ?? 0, msOf(lastStartedTime) ?? 0)
  if (nowMs - lastMs < SILENT_AFTER_MS) return null
  return {
    what: `the worker ${worker}, which has ${activityType?.name}, has been silent since ${new Date(lastMs).toISOString()}`,
    next: 'nothing: after ten seconds of silence another worker takes over; `sluice worker` starts one',
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!
