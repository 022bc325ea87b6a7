// Who asks a queue for work: the server lists a worker for minutes after its end.
import type { Client } from '@temporalio/client'
import { msOf, type Poller } from './seen.ts'

/** A worker with free hands asks again within a minute. */
const ASKS_WITHIN_MS = 70_000

// TaskQueueType of Temporal's API
export const WORKFLOW_QUEUE = 1
export const ACTIVITY_QUEUE = 2

/** Throws what Temporal's client throws. */
export async function pollersOf(client: Client, queue: string, taskQueueType: number): Promise<Poller[]> {
  const { pollers } = await client.connection.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType,
  })
  return (pollers ?? []).map(({ identity, lastAccessTime }) => ({
    identity: identity ?? 'a worker',
    lastAskedMs: msOf(lastAccessTime) ?? 0,
  }))
}

/** The newest who asked so lately that it may still be there; null: nobody. */
export function latelySeen(pollers: readonly Poller[], nowMs: number): string | null {
  return newestSince(pollers, nowMs - ASKS_WITHIN_MS)
}

/** The newest who asked since; null: nobody. */
export function newestSince(pollers: readonly Poller[], sinceMs: number): string | null {
  const since = pollers.filter(({ lastAskedMs }) => lastAskedMs > sinceMs)
  return since.toSorted((a, b) => b.lastAskedMs - a.lastAskedMs)[0]?.identity ?? null
}
