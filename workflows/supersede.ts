// A newer candidate closes the questions about older ones that are no better, so that nobody approves yesterday's model.
import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow'
import { type PromoteInput, type QuestionEnd, SUPERSEDE_SIGNAL, type SupersedeInput } from '../schemas/approval.ts'
import { shortDigest } from '../schemas/ids.ts'
import { brief } from './proxies.ts'

type Candidate = Pick<PromoteInput, 'plan' | 'model' | 'evaluation' | 'again'>
type Put = Awaited<ReturnType<typeof brief.putQuestion>>

/** Names the change that a workflow looks whether its question ended before it began: a reset one asks nobody a second time. */
const LEDGER_DECIDES = 'a question that ended stays closed'

/** The workflow that asks, and the first of its runs: a reset one keeps it, so that what it did stays done once. */
export interface Asker {
  readonly workflowId: string
  readonly firstRunId: string
}

/** Puts the candidate into the ledger as proposed, once. */
export async function proposeCandidate(
  { plan, model, evaluation, again }: Candidate,
  { workflowId, firstRunId }: Asker,
): Promise<Put> {
  const proposal = {
    pipeline: plan.name,
    model: model.digest,
    evaluation: evaluation.sha256,
    workflowId,
    at: new Date().toISOString(),
    commitId: `${workflowId}/${firstRunId}/proposed`,
    ...(again && { again }),
  }
  if (asksTheLedger()) return await brief.putQuestion(proposal)
  return { older: await brief.propose(proposal), ended: null }
}

/** False in runs that began before it. */
export function asksTheLedger(): boolean {
  return patched(LEDGER_DECIDES)
}

/** Tells the questions about everything that was proposed before this candidate: one that is better stays open. Returns how its own question ended, if it did. */
export async function supersedeOlder(candidate: Candidate): Promise<QuestionEnd | null> {
  const { model } = candidate
  const { verdict, metrics } = candidate.evaluation
  const word: SupersedeInput = { by: model.digest, judged: { verdict, metrics } }
  const { workflowId, firstExecutionRunId } = workflowInfo()
  const { older, ended } = await proposeCandidate(candidate, { workflowId, firstRunId: firstExecutionRunId })
  for (const open of older) {
    try {
      await getExternalWorkflowHandle(open.workflowId).signal<[SupersedeInput]>(SUPERSEDE_SIGNAL, word)
    } catch (error) {
      if (isCancellation(error)) throw error
      // nobody is there to close it: the workflow was terminated; the ledger must not show it as open for ever
      await closeAbandoned(candidate, open.model)
    }
  }
  return ended
}

async function closeAbandoned({ plan, model }: Candidate, abandoned: string): Promise<void> {
  const { workflowId, firstExecutionRunId } = workflowInfo()
  try {
    await brief.recordDecision({
      pipeline: plan.name,
      model: abandoned,
      at: new Date().toISOString(),
      state: 'superseded',
      by: 'sluice',
      reason: `candidate ${shortDigest(model.digest)} is newer`,
      via: 'supersession',
      evaluation: '',
      replaces: null,
      commitId: `${workflowId}/${firstExecutionRunId}/superseded/${abandoned}`,
    })
  } catch (error) {
    if (causeOf(error)?.type !== 'QUESTION_CLOSED') throw error
  }
}

/** The failure of the catalogue in an activity's; undefined: another error. */
export function causeOf(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined
  return cause instanceof ApplicationFailure ? cause : undefined
}
