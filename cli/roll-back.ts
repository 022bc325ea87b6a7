// Sends a person's rollback: shown from the ledger first, carried out by a workflow, answered with what the ledger says then.
import { ApplicationFailure, type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import type { Config } from '../core/config.ts'
import { readLedger } from '../lake/ledger.ts'
import { loadPipeline } from '../plan/registry.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { FAILURES, type FailureCode, type FailureFacts, failure, isFailure } from '../schemas/failures.ts'
import { MAIN_QUEUE, rollbackWorkflowId, shortDigest } from '../schemas/ids.ts'
import type { RollbackInput, RollbackRequest, RollbackResult, RollbackTarget } from '../schemas/rollback.ts'
import { planRollback } from '../stages/promote/roll-back.ts'
import { carriedPlan, requireWorker, withStore } from './clients.ts'

/** A model of the largest kind loads within a minute; a worker that died a moment ago still looks alive to the server. */
const ANSWERED_WITHIN_MS = 300_000

export interface Rollback extends RollbackRequest {
  readonly pipeline: string
  /** digest of the model that the person was shown as live */
  readonly replaces: string
}

/** What the rollback would do, as the ledger is now. Throws ROLLBACK_REFUSED with the words why not, PIPELINE_UNKNOWN. */
export function lookAtRollback(config: Config, pipeline: string, to: string | undefined): Promise<RollbackTarget> {
  return withStore(config, async (store) => {
    // a broken file stops no rollback; a name without a ledger may be misspelt
    if ((await readLedger(store, pipeline)).entries.length === 0) await loadPipeline(config.projectDir, pipeline)
    return await planRollback(store, { pipeline, ...(to !== undefined && { to }) })
  })
}

/** Named by its type, so that the command line does not load workflow code. */
type RollbackWorkflow = (input: RollbackInput) => Promise<RollbackResult>

/**
 * Starts the workflow, or joins the one that already does this, and waits until the decision stands in the ledger. Throws WORKER_MISSING,
 * ROLLBACK_REFUSED, what keeps the model out of service, ROLLBACK_UNANSWERED where the ledger has to be looked at.
 */
export async function rollBack(
  config: Config,
  client: Client,
  { target, ...rollback }: Rollback & { readonly target: string },
): Promise<RollbackResult> {
  await requireWorker(client, MAIN_QUEUE)
  const { pipeline, reason, by } = rollback
  const plan = await planOf(config, pipeline)
  const handle = await client.workflow.start<RollbackWorkflow>('rollback', {
    workflowId: rollbackWorkflowId(pipeline, target),
    taskQueue: MAIN_QUEUE,
    // whoever was killed while waiting, or asks at the same time, is answered by the one that goes on
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ ...rollback, to: target, ...(plan !== null && { plan }) }],
    staticSummary: `Roll ${pipeline} back to ${shortDigest(target)}`,
    staticDetails: `Asked by ${by}: ${reason}`,
  })
  return await answerOf(config, client, { handle, pipeline, target })
}

/** What servers know of the pipeline, as far as this project has it; null: the worker has to know it. */
async function planOf(config: Config, pipeline: string): Promise<CarriedPlan | null> {
  try {
    return await carriedPlan(config, await loadPipeline(config.projectDir, pipeline))
  } catch (error) {
    if (isFailure(error, 'PIPELINE_UNKNOWN') || isFailure(error, 'PIPELINE_INVALID')) return null
    throw error
  }
}

interface Asked {
  readonly handle: WorkflowHandle<RollbackWorkflow>
  readonly pipeline: string
  readonly target: string
}

async function answerOf(config: Config, client: Client, { handle, pipeline, target }: Asked): Promise<RollbackResult> {
  try {
    return await client.withDeadline(Date.now() + ANSWERED_WITHIN_MS, () => handle.result())
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined
    if (cause instanceof ApplicationFailure && cause.type != null && cause.type in FAILURES) {
      const facts = { pipeline, detail: cause.message, ...(cause.details?.[0] as FailureFacts | undefined) }
      throw failure(cause.type as FailureCode, facts, error)
    }
    const { champion } = (await withStore(config, (store) => readLedger(store, pipeline))).state
    const live = `live is now ${champion === target ? 'the model that was asked for' : shortDigest(champion ?? 'none')}`
    const detail = `${cause instanceof Error ? cause.message : (error as Error).message}; ${live}`
    throw failure('ROLLBACK_UNANSWERED', { pipeline, workflow: handle.workflowId, detail }, error)
  }
}
