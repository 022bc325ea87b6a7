// Looks at a run through Temporal, and at the servers that its work needs, for what it waits for.
import { type Client, defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client'
import type { TrainHeartbeat } from '../../schemas/trainer.ts'
import { type Server, type Servers, whyUnreachable } from '../../workers/servers/reach.ts'
import { lastEvents } from '../last-events.ts'
import { isSlow } from './explain-wait.ts'
import { ACTIVITY_QUEUE, pollersOf, WORKFLOW_QUEUE } from './pollers.ts'
import {
  ACTIVITY_STATE,
  type DescribedRun,
  type Occupant,
  type PendingActivity,
  queueOf,
  type Seen,
  type SeenQueue,
  type TaskFailure,
  taskWaitsSinceMs,
  type Unreachable,
  waitsSinceMs,
  workflowQueueOf,
} from './seen.ts'

/** A server that is well answers sooner. */
const ANSWER_WITHIN_MS = 3_000
/** Runs that may hold a queue's workers: looked through to name the one. */
const MAX_OTHERS = 50

// of Temporal's API
const WORKFLOW_TASK_FAILED_EVENT = 9

export interface LookAtRun {
  readonly client: Client
  readonly handle: WorkflowHandle
  /** that its work needs; undefined: they are not looked at */
  readonly servers: Servers | undefined
}

/** Throws what Temporal's client throws, after three seconds without an answer too. */
export async function lookAtRun({ client, handle, servers }: LookAtRun): Promise<Seen> {
  const run = await withinTime(client, async () => (await handle.describe()).raw)
  const nowMs = Date.now()
  const isSlowNow = (run.pendingActivities ?? []).some((activity) => isSlow(activity, nowMs))
  const [taskFailure, queues, unreachable] = await Promise.all([
    isRepeated(run) ? newestTaskFailure(client, run) : null,
    queuesOf(client, run, nowMs),
    isSlowNow && servers ? unreachableOf([servers.s3, servers.kafka]) : [],
  ])
  return { nowMs, namespace: client.options.namespace, run, taskFailure, queues, unreachable }
}

const withinTime = <T>(client: Client, call: () => Promise<T>): Promise<T> =>
  client.withDeadline(Date.now() + ANSWER_WITHIN_MS, call)

const isRepeated = ({ pendingWorkflowTask }: DescribedRun): boolean => Number(pendingWorkflowTask?.attempt ?? 0) > 1

async function newestTaskFailure(client: Client, run: DescribedRun): Promise<TaskFailure | null> {
  const execution = run.workflowExecutionInfo?.execution
  if (!execution) return null
  const events = await withinTime(client, () => lastEvents(client, execution))
  const failed = events.find(({ eventType }) => eventType === WORKFLOW_TASK_FAILED_EVENT)
  const { cause, failure } = failed?.workflowTaskFailedEventAttributes ?? {}
  return cause == null ? null : { cause, message: failure?.message ?? '' }
}

/** Of every queue on which something has waited for a while. */
async function queuesOf(client: Client, run: DescribedRun, nowMs: number): Promise<Record<string, SeenQueue>> {
  const queues: Record<string, SeenQueue> = {}
  if (taskWaitsSinceMs(run, nowMs) !== null) {
    const queue = workflowQueueOf(run)
    queues[queue] = { pollers: await withinTime(client, () => pollersOf(client, queue, WORKFLOW_QUEUE)), busyWith: [] }
  }
  const untaken = (run.pendingActivities ?? []).filter((activity) => waitsSinceMs(activity, nowMs) !== null)
  for (const queue of new Set(untaken.map((activity) => queueOf(activity, run)))) {
    const [pollers, busyWith] = await Promise.all([
      withinTime(client, () => pollersOf(client, queue, ACTIVITY_QUEUE)),
      occupantsOf(client, queue, run).catch(() => []), // the list is for their names alone
    ])
    queues[queue] = { pollers, busyWith }
  }
  return queues
}

/** What other workflows run on the queue now. */
async function occupantsOf(client: Client, queue: string, run: DescribedRun): Promise<Occupant[]> {
  const query = "ExecutionStatus = 'Running' AND (WorkflowType = 'retrain' OR WorkflowType = 'ingest')"
  const own = run.workflowExecutionInfo?.execution?.workflowId
  const others: string[] = []
  for await (const { workflowId } of client.workflow.list({ query, pageSize: MAX_OTHERS })) {
    if (workflowId !== own) others.push(workflowId)
    if (others.length === MAX_OTHERS) break
  }
  const described = await Promise.all(
    others.map(async (workflowId) => {
      const { raw } = await client.workflow.getHandle(workflowId).describe()
      return (raw.pendingActivities ?? [])
        .filter((activity) => activity.state === ACTIVITY_STATE.started && queueOf(activity, raw) === queue)
        .map((activity) => occupant(workflowId, activity))
    }),
  )
  return described.flat()
}

function occupant(workflowId: string, activity: PendingActivity): Occupant {
  return { workflowId, activity: activity.activityType?.name ?? '', progress: heartbeatOf(activity)?.view?.text ?? '' }
}

/** What a training or an evaluation said last. */
export function heartbeatOf({ heartbeatDetails }: PendingActivity): TrainHeartbeat | null {
  const payload = heartbeatDetails?.payloads?.[0]
  return payload ? defaultPayloadConverter.fromPayload<TrainHeartbeat | null>(payload) : null
}

/** Those that take no connections from here. */
export async function unreachableOf(servers: readonly Server[]): Promise<Unreachable[]> {
  const looked = await Promise.all(
    servers.map(async (server) => ({ name: server.name, address: server.address, why: await whyUnreachable(server) })),
  )
  return looked.flatMap(({ why, ...server }) => (why === null ? [] : [{ ...server, why }]))
}
