// A question that the ledger has as open and that nobody asks any more, since somebody ended its workflow: it is asked again.
import type { Client } from '@temporalio/client'
import type { Config } from '../core/config.ts'
import { loadPipeline } from '../plan/registry.ts'
import { failure } from '../schemas/failures.ts'
import { questionFromStore } from '../stages/promote/question-from-store.ts'
import { carriedPlan, withStore } from './clients.ts'
import { askAgain, type Waiting } from './decide-candidate.ts'
import { inWords } from './output/describe-workflows.ts'
import { isOpen, type WorkflowState, workflowState } from './workflow-state.ts'

/**
 * Asks again where the workflow ended: returns how it did, or null where it is there to take a decision. Throws WORKFLOW_PAUSED where it
 * would wait for somebody else first.
 */
export async function reopenIfEnded(config: Config, client: Client, waiting: Waiting): Promise<WorkflowState | null> {
  const { pipeline, candidate, workflowId } = waiting
  const found = await workflowState(client, workflowId)
  if (found.state === 'paused') throw failure('WORKFLOW_PAUSED', { workflow: workflowId, found: inWords(found) })
  if (isOpen(found)) return null
  const plan = await loadPipeline(config.projectDir, pipeline)
  const input = await withStore(config, (store) => questionFromStore(store, { plan, candidate }))
  await askAgain(client, { workflowId, input: { ...input, plan: await carriedPlan(config, plan) } })
  return found
}
