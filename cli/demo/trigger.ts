// Waits until sluice starts a run by itself.
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client'
import { failure } from '../../schemas/failures.ts'
import { retrainWorkflowId } from '../../schemas/ids.ts'

const LOOK_EVERY_MS = 500
/** The schedule looks every ten seconds; a busy machine may need a few of them. */
const PATIENCE_MS = 120_000

/** Run id of the newest run of a pipeline, running or not; null: never ran. */
export async function newestRun(client: Client, pipeline: string): Promise<string | null> {
  try {
    return (await client.workflow.getHandle(retrainWorkflowId(pipeline)).describe()).runId
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

/** The first run after `before`. Throws SERVER_NOT_READY when none starts in two minutes. */
export async function nextRun(
  client: Client,
  {
    pipeline,
    before,
    signal,
  }: { readonly pipeline: string; readonly before: string | null; readonly signal: AbortSignal },
): Promise<WorkflowHandle> {
  const workflowId = retrainWorkflowId(pipeline)
  for (const deadlineMs = Date.now() + PATIENCE_MS; Date.now() < deadlineMs; ) {
    const runId = await newestRun(client, pipeline)
    if (runId !== null && runId !== before)
      return client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId })
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
  const detail = `no trigger started ${workflowId}`
  throw failure('SERVER_NOT_READY', { server: 'schedule', ms: PATIENCE_MS, detail, log: 'the Temporal UI, Schedules' })
}
