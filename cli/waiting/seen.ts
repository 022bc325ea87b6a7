// What can be seen from outside of a run that goes on: as Temporal describes it, with what was looked up beside.
import type { WorkflowExecutionDescription } from '@temporalio/client'

export type DescribedRun = WorkflowExecutionDescription['raw']
export type PendingActivity = NonNullable<DescribedRun['pendingActivities']>[number]

export interface Seen {
  readonly nowMs: number
  readonly namespace: string
  /** the answer to DescribeWorkflowExecution */
  readonly run: DescribedRun
  /** newest attempt to go on with the workflow's code that failed; null: none did */
  readonly taskFailure: TaskFailure | null
  /** by name; only queues on which something of the run waits */
  readonly queues: Readonly<Record<string, SeenQueue>>
  /** servers that take no connections from here; only looked at while something takes its time */
  readonly unreachable: readonly Unreachable[]
}

export interface TaskFailure {
  /** WorkflowTaskFailedCause of Temporal's API */
  readonly cause: number
  readonly message: string
}

export interface SeenQueue {
  /** who asked for work in the last minutes: the server does not see at once that one is gone */
  readonly pollers: readonly Poller[]
  /** other workflows' activities that run there now */
  readonly busyWith: readonly Occupant[]
}

export interface Poller {
  readonly identity: string
  readonly lastAskedMs: number
}

export interface Occupant {
  readonly workflowId: string
  readonly activity: string
  /** how far it is, in its own words; empty: it does not say */
  readonly progress: string
}

export interface Unreachable {
  readonly name: 'Kafka' | 'S3' | 'Temporal'
  readonly address: string
  readonly why: string
}

/** Of Temporal's API. */
export const ACTIVITY_STATE = { scheduled: 1, started: 2, cancelRequested: 3, paused: 4, pauseRequested: 5 } as const
const WORKFLOW_TASK_SCHEDULED = 1
export const PAUSED_EXECUTION = 8
const RUNNING_EXECUTION = 1

/** A moment as protobuf has it → ms since the epoch; null where there is none. */
export function msOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | null {
  return time == null ? null : Number(time.seconds ?? 0) * 1_000 + (time.nanos ?? 0) / 1e6
}

/** Something that is due waits for a worker when nobody has taken it for so long. */
const TAKEN_WITHIN_MS = 2_000

/** When the activity could be taken, in ms since the epoch; null: it runs, is paused, or its next attempt is not due. */
export function waitsSinceMs(activity: PendingActivity, nowMs: number): number | null {
  if (activity.state !== ACTIVITY_STATE.scheduled) return null
  const { scheduledTime, nextAttemptScheduleTime, lastAttemptCompleteTime, currentRetryInterval } = activity
  const retryMs = (msOf(lastAttemptCompleteTime) ?? 0) + (msOf(currentRetryInterval) ?? 0)
  const due = Math.max(msOf(scheduledTime) ?? 0, msOf(nextAttemptScheduleTime) ?? 0, retryMs)
  return nowMs - due > TAKEN_WITHIN_MS ? due : null
}

/** When the workflow's own next step could be taken; null: nothing of it waits, or not for long. */
export function taskWaitsSinceMs({ pendingWorkflowTask: task }: DescribedRun, nowMs: number): number | null {
  if (task == null || task.state !== WORKFLOW_TASK_SCHEDULED) return null
  const due = msOf(task.scheduledTime) ?? nowMs
  return nowMs - due > TAKEN_WITHIN_MS ? due : null
}

/** It has not ended, though it may be paused. */
export function isOpen({ workflowExecutionInfo }: DescribedRun): boolean {
  const status = workflowExecutionInfo?.status
  return status === RUNNING_EXECUTION || status === PAUSED_EXECUTION
}

/** Something of it has failed, and has not succeeded since. */
export function isRetried({ pendingActivities }: DescribedRun): boolean {
  return (pendingActivities ?? []).some(({ lastFailure }) => lastFailure != null)
}

/** A worker has to take the workflow's next step before the workflow answers a query. */
export function taskIsPending({ pendingWorkflowTask: task }: DescribedRun): boolean {
  return task != null && (task.state === WORKFLOW_TASK_SCHEDULED || Number(task.attempt ?? 0) > 1)
}

export const workflowQueueOf = ({ executionConfig }: DescribedRun): string => executionConfig?.taskQueue?.name ?? ''

/** The queue of an activity: its own, else its workflow's. */
export function queueOf(activity: PendingActivity, run: DescribedRun): string {
  return activity.activityOptions?.taskQueue?.name || workflowQueueOf(run)
}
