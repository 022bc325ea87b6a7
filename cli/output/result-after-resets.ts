// The result of a run that somebody may reset in Temporal while it is waited for.
import { type Client, TerminatedFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import { resetRun } from '../workflow-state.ts'

/** What a start or a signal answered with: the run that was started or joined. */
export type Started = WorkflowHandle & { readonly signaledRunId?: string; readonly firstExecutionRunId?: string }

/** A reset ends a run as terminated, and another takes its place: `onReset` is called, and that one waited for. */
export async function resultAfterResets<T>(client: Client, handle: Started, onReset: () => void): Promise<T> {
  const seen = new Set([handle.signaledRunId ?? handle.firstExecutionRunId])
  for (let run: WorkflowHandle = handle; ; ) {
    try {
      return (await run.result()) as T
    } catch (error) {
      if (!(error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure)) throw error
      const next = await resetRun(client, handle.workflowId)
      // one that took another's place may be terminated by a person, too
      if (next === null || seen.has(next)) throw error
      seen.add(next)
      onReset()
      run = client.workflow.getHandle(handle.workflowId, next)
    }
  }
}
