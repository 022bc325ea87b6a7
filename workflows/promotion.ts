// Starts the workflow that asks a person. It outlives the run: retraining never waits for an answer.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { ParentClosePolicy, startChild } from '@temporalio/workflow'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { promoteWorkflowId, shortDigest } from '../schemas/ids.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { ModelRef } from '../schemas/model.ts'
import type { EvaluationRef } from '../schemas/verdict.ts'
import { promote } from './promote.ts'
import { brief } from './proxies.ts'
import { proposeCandidate } from './supersede.ts'

export interface Promotion {
  readonly workflowId: string
  /** false: the same question already waits for an answer */
  readonly asked: boolean
}

/** The workflow id names the candidate, so the same candidate is never asked about twice at once. */
export async function startPromotion(candidate: {
  readonly plan: CarriedPlan
  readonly snapshot: SnapshotRef
  readonly model: ModelRef
  readonly evaluation: EvaluationRef
}): Promise<Promotion> {
  const { plan, model, evaluation } = candidate
  const workflowId = promoteWorkflowId(plan.name, model.digest)
  const summary = await brief.summarise(candidate)
  await proposeCandidate({ plan, model, evaluation }, workflowId) // it stands in the ledger when the run says that it waits
  try {
    await startChild(promote, {
      workflowId,
      args: [{ plan, model, evaluation, summary }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Promote ${plan.name} ${shortDigest(model.digest)}? ${evaluation.verdict}`,
      staticDetails: `Asked of ${plan.approval.ask}. The question and its evidence stand under Current Details.`,
    })
    return { workflowId, asked: true }
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, asked: false }
    throw error
  }
}
