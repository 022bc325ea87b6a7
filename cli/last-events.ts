// The end of a workflow's history, and who did what is written there.
import type { Client } from '@temporalio/client'

/** A cancellation asks first, and code that fails is tried again: what is looked for stands this many events before the end at most. */
const LAST_EVENTS = 20

type HistoryAnswer = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>
export type Events = NonNullable<NonNullable<HistoryAnswer['history']>['events']>
type Execution = { readonly workflowId?: string | null; readonly runId?: string | null }

/** Newest first. Throws what Temporal's client throws. */
export async function lastEvents(client: Client, execution: Execution): Promise<Events> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution,
    maximumPageSize: LAST_EVENTS,
  })
  return history?.events ?? []
}

interface Stated {
  readonly identity?: string | null | undefined
  readonly reason?: string | null | undefined
}

/** "by ada: too slow"; '' where neither is known. The UI and clients without a name say who they are as <pid>@<host>. */
export function byWhom(stated: Stated | null | undefined): string {
  const by = stated?.identity ? `by ${stated.identity}` : ''
  return [by, stated?.reason ?? ''].filter((words) => words !== '').join(': ')
}
