// Before objects are deleted: nobody may be writing some that lead to them.
import type { Client } from '@temporalio/client'
import { failure } from '../schemas/failures.ts'

/** Workflows that write objects before they say what for. A promotion only waits for a person. */
const WRITERS = ['ingest', 'retrain']

/** Throws COLLECT_BUSY while runs are under way, whichever pipeline's: objects are shared by content. */
export async function requireQuiet(client: Client): Promise<void> {
  const types = WRITERS.map((type) => `WorkflowType = '${type}'`).join(' OR ')
  const running: string[] = []
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running' AND (${types})` }))
    running.push(workflowId)
  if (running.length > 0) throw failure('COLLECT_BUSY', { workflows: running.sort().join(', ') })
}
