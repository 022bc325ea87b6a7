// How a workflow stands, as Temporal says: running, or how it ended, by whom and why.
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client'
import { byWhom, type Events, lastEvents } from './last-events.ts'

type StateName =
  | 'running'
  | 'paused'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'terminated'
  | 'timed out'
  /** Temporal does not know it: it was never started, or ended longer ago than the namespace keeps */
  | 'unknown'

export interface WorkflowState {
  readonly workflowId: string
  /** of its newest run; null: not known */
  readonly runId: string | null
  readonly state: StateName
  /** RFC 3339: since when; null: not known */
  readonly since: string | null
  /** by whom and why, as far as Temporal has it; '' otherwise */
  readonly why: string
}

const NAMES: Partial<Record<WorkflowExecutionDescription['status']['name'], StateName>> = {
  RUNNING: 'running',
  PAUSED: 'paused',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
  CONTINUED_AS_NEW: 'running', // the next run is a moment away
}

/** True when messages reach it: what is paused takes them up later. */
export function isOpen({ state }: WorkflowState): boolean {
  return state === 'running' || state === 'paused'
}

const unknown = (workflowId: string): WorkflowState => ({
  workflowId,
  runId: null,
  state: 'unknown',
  since: null,
  why: '',
})

/** Of its newest run. */
export async function workflowState(client: Client, workflowId: string): Promise<WorkflowState> {
  try {
    const described = await client.workflow.getHandle(workflowId).describe()
    const state = NAMES[described.status.name] ?? 'unknown'
    const since = described.closeTime ?? described.startTime
    const why = await whyOf(client, described, state)
    return { workflowId, runId: described.runId, state, since: since.toISOString(), why }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return unknown(workflowId)
    throw error
  }
}

/** The newest run's id, if it took the place of one that somebody reset; null: it did not. */
export async function resetRun(client: Client, workflowId: string): Promise<string | null> {
  const { raw, runId } = await client.workflow.getHandle(workflowId).describe()
  return raw.workflowExtendedInfo?.lastResetTime ? runId : null
}

async function whyOf(client: Client, described: WorkflowExecutionDescription, state: StateName): Promise<string> {
  const { raw, workflowId, runId } = described
  if (state === 'paused') return byWhom(raw.workflowExtendedInfo?.pauseInfo)
  if (state === 'running' || state === 'completed') return notes(described)
  return whyEnded(await lastEvents(client, { workflowId, runId }))
}

/** Newest event first. */
function whyEnded(events: Events): string {
  for (const event of events) {
    const { workflowExecutionTerminatedEventAttributes: terminated } = event
    if (terminated) return byWhom(terminated)
    const { workflowExecutionCancelRequestedEventAttributes: cancelled } = event
    if (cancelled) return byWhom({ identity: cancelled.identity, reason: cancelled.cause })
    const failed = event.workflowExecutionFailedEventAttributes?.failure
    if (failed) return deepest(failed)
  }
  return ''
}

type Failed = { readonly message?: string | null; readonly cause?: Failed | null }

/** What went wrong first, on one line. */
function deepest({ message, cause }: Failed): string {
  return cause ? deepest(cause) : (message ?? '').split('\n')[0]!
}

/** What is not to be seen of a workflow that runs or ended well. */
function notes({ raw }: WorkflowExecutionDescription): string {
  const { attempt = 1 } = raw.pendingWorkflowTask ?? {}
  return [
    ...(raw.workflowExtendedInfo?.lastResetTime ? ['reset'] : []),
    // it stands still: no attempt of its code got through
    ...((attempt ?? 1) > 1 ? [`its workflow task failed, attempt ${attempt}: the Temporal UI says why`] : []),
  ].join('; ')
}
