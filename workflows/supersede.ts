// A newer candidate closes the questions about older ones, so that nobody approves yesterday's model.
import { getExternalWorkflowHandle, isCancellation, workflowInfo } from '@temporalio/workflow'
import { type PromoteInput, SUPERSEDE_SIGNAL, type SupersedeInput } from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { brief } from './proxies.ts'

type Candidate = Pick<PromoteInput, 'plan' | 'model' | 'evaluation'>

/** Puts the candidate into the ledger as proposed, once; returns those that were proposed before it and still wait. */
export async function proposeCandidate(
  { plan, model, evaluation }: Candidate,
  workflowId: string,
): Promise<Awaited<ReturnType<typeof brief.propose>>> {
  return await brief.propose({
    pipeline: plan.name,
    model: model.digest,
    evaluation: evaluation.sha256,
    workflowId,
    at: new Date().toISOString(),
    commitId: `${workflowInfo().workflowId}/${workflowInfo().runId}/proposed`,
  })
}

/** Closes the questions about everything that was proposed before this candidate. */
export async function supersedeOlder(candidate: Candidate): Promise<void> {
  const { plan, model } = candidate
  const { workflowId, runId } = workflowInfo()
  const older = await proposeCandidate(candidate, workflowId)
  for (const open of older) {
    try {
      await getExternalWorkflowHandle(open.workflowId).signal<[SupersedeInput]>(SUPERSEDE_SIGNAL, { by: model.digest })
    } catch (error) {
      if (isCancellation(error)) throw error
      // nobody is there to close it: the workflow was terminated; the ledger must not show it as open for ever
      await brief.recordDecision({
        pipeline: plan.name,
        model: open.model,
        at: new Date().toISOString(),
        state: 'superseded',
        by: 'sluice',
        reason: `candidate ${shortDigest(model.digest)} is newer`,
        via: 'supersession',
        evaluation: '',
        replaces: null,
        commitId: `${workflowId}/${runId}/superseded/${open.model}`,
      })
    }
  }
}
