// Starts the workflow that asks a person. It outlives the run: retraining never waits for an answer.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { CancellationScope, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow'
import { type QuestionEnd, questionTitle } from '../schemas/approval.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { promoteWorkflowId } from '../schemas/ids.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { ModelRef } from '../schemas/model.ts'
import type { EvaluationRef } from '../schemas/verdict.ts'
import { promote } from './promote.ts'
import { brief } from './proxies.ts'
import { asksTheLedger, proposeCandidate } from './supersede.ts'

export interface Promotion {
  readonly workflowId: string
  /** false: the same question already waits for an answer */
  readonly asked: boolean
  /** how the question ended already: the run was reset to before it was put; null: it is open */
  readonly ended: QuestionEnd | null
}

interface Candidate {
  readonly plan: CarriedPlan
  readonly snapshot: SnapshotRef
  readonly model: ModelRef
  readonly evaluation: EvaluationRef
  /** see PromoteInput */
  readonly again?: boolean
}

/**
 * The workflow id names the candidate, so the same candidate is never asked about twice at once. The workflow that asks is there before
 * the ledger says that it asks: a run that is ended in between leaves no question that nobody puts.
 */
export async function startPromotion(candidate: Candidate): Promise<Promotion> {
  const summary = await brief.summarise(candidate)
  if (!asksTheLedger()) return await proposeThenAsk(candidate, summary)
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId, firstRunId } = await ask(candidate, summary)
    if (firstRunId === null) return { workflowId, asked: false, ended: null }
    // it stands in the ledger when the run says that it waits
    const { ended } = await proposeCandidate(candidate, { workflowId, firstRunId })
    return { workflowId, asked: true, ended }
  })
}

/** The order of runs that began before. */
async function proposeThenAsk(candidate: Candidate, summary: string): Promise<Promotion> {
  const workflowId = promoteWorkflowId(candidate.plan.name, candidate.model.digest)
  await proposeCandidate(candidate, { workflowId, firstRunId: workflowInfo().runId })
  const { firstRunId } = await ask(candidate, summary)
  return { workflowId, asked: firstRunId !== null, ended: null }
}

/** `firstRunId`: null where the same question already waits. */
async function ask(
  { plan, model, evaluation, again }: Candidate,
  summary: string,
): Promise<{ readonly workflowId: string; readonly firstRunId: string | null }> {
  const workflowId = promoteWorkflowId(plan.name, model.digest)
  try {
    const { firstExecutionRunId } = await startChild(promote, {
      workflowId,
      args: [{ plan, model, evaluation, summary, ...(again && { again }) }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      ...questionTitle({ plan, model, evaluation }),
    })
    return { workflowId, firstRunId: firstExecutionRunId }
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, firstRunId: null }
    throw error
  }
}
