// What of a pipeline is under way: its run and its ingest, and what they wait for.
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { ingestWorkflowId, retrainWorkflowId } from '../../schemas/ids.ts'
import type { Servers } from '../../workers/servers/reach.ts'
import { explainWait, type Wait } from './explain-wait.ts'
import { lookAtRun } from './look-at-run.ts'
import { type DescribedRun, isOpen } from './seen.ts'
import { stageOf } from './stages.ts'

export interface UnderWay {
  readonly workflowId: string
  /** what its activities belong to; null: none is pending */
  readonly stage: string | null
  /** null: it goes on, as far as can be seen */
  readonly waits: Pick<Wait, 'what' | 'next'> | null
}

/** Throws what Temporal's client throws. */
export async function runsOf(
  pipeline: string,
  { client, servers }: { readonly client: Client; readonly servers: Servers },
): Promise<UnderWay[]> {
  const ids = [retrainWorkflowId(pipeline), ingestWorkflowId(pipeline)]
  const found = await Promise.all(ids.map((workflowId) => underWay(workflowId, { client, servers })))
  return found.filter((run) => run !== null)
}

async function underWay(
  workflowId: string,
  { client, servers }: { readonly client: Client; readonly servers: Servers },
): Promise<UnderWay | null> {
  try {
    const seen = await lookAtRun({ client, servers, handle: client.workflow.getHandle(workflowId) })
    if (!isOpen(seen.run)) return null
    const wait = explainWait(seen)
    return { workflowId, stage: stageIn(seen.run), waits: wait && { what: wait.what, next: wait.next } }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

function stageIn({ pendingActivities }: DescribedRun): string | null {
  const [activity] = pendingActivities ?? []
  return activity === undefined ? null : stageOf(activity.activityType?.name)
}
