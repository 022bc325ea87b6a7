// Names, payloads and the descriptions that an approver reads in the Temporal UI.

import type { CarriedPlan } from './carried-plan.ts'
import { shortDigest } from './ids.ts'
import type { ModelRef } from './model.ts'
import type { EvaluationRef, Verdict } from './verdict.ts'

export const DECIDE_UPDATE = 'decide'
export const DECIDE_SIGNAL = 'decideSignal'
export const SUPERSEDE_SIGNAL = 'supersede'
export const QUESTION_QUERY = 'question'

export const DECIDE_DESCRIPTION =
  'Approve or reject this candidate: {"decision": "approve" | "reject", "reason": "…", "candidateDigest": "…", "by": "your name"}'
export const DECIDE_SIGNAL_DESCRIPTION = 'The same as decide, without an answer; works while no worker is running'

/** What the UI shows of the workflow that asks. */
export function questionTitle({ plan, model, evaluation }: Pick<PromoteInput, 'plan' | 'model' | 'evaluation'>) {
  return {
    staticSummary: `Promote ${plan.name} ${shortDigest(model.digest)}? ${evaluation.verdict}`,
    staticDetails: `Asked of ${plan.approval.ask}. The question and its evidence stand under Current Details.`,
  }
}

/** What a person sends. */
export interface DecideInput {
  readonly decision: 'approve' | 'reject'
  /** required for a rejection, and to approve an INCONCLUSIVE candidate */
  readonly reason?: string
  readonly candidateDigest: string
  /** who decides, as they state it */
  readonly by?: string
}

export interface SupersedeInput {
  /** digest of the newer candidate */
  readonly by: string
  /** absent: a sender of before, whose candidate takes the older one's place in any case */
  readonly judged?: Judged
}

/** What two candidates are compared by. */
export type Judged = Pick<EvaluationRef, 'verdict' | 'metrics'>

/**
 * open, or how it ended: by a person, at the deadline, by a newer candidate, because another model went live before the approval was
 * recorded, or because somebody cancelled its workflow before anybody decided
 */
export type QuestionState = 'open' | 'approved' | 'rejected' | 'expired' | 'superseded' | 'outdated' | 'withdrawn'

export interface PromoteInput {
  readonly plan: CarriedPlan
  readonly model: ModelRef
  readonly evaluation: EvaluationRef
  /** Markdown for the approver: data, gates, lineage */
  readonly summary: string
  /** true: asked once more after a rejection, because a person wants it */
  readonly again?: boolean
  /** set by the workflow itself when it continues as new in the middle of a long wait */
  readonly carried?: CarriedWait
}

/** What a wait takes along when its history became long. */
export interface CarriedWait {
  /** milliseconds since the epoch at which the question was first put */
  readonly openedAtMs: number
  readonly reminders: number
}

/** Answer of the question query. */
export interface QuestionStatus {
  readonly state: QuestionState
  readonly pipeline: string
  readonly candidate: string
  readonly champion: string | null
  readonly verdict: Verdict
  readonly reminders: number
  /** RFC 3339, UTC */
  readonly openedAt: string
  /** RFC 3339, UTC */
  readonly expiresAt: string
  /** null while the question is open */
  readonly result: PromoteResult | null
}

export interface PromoteResult {
  readonly state: QuestionState
  readonly candidate: string
  readonly by: string
  readonly reason: string
  /** ledger: the ledger had it already, or made an approval outdated */
  readonly via: 'update' | 'signal' | 'timer' | 'supersession' | 'cancellation' | 'ledger'
  readonly reminders: number
}

/** How a question ended. */
export type QuestionEnd = Pick<PromoteResult, 'by' | 'reason' | 'via'> & {
  readonly state: Exclude<QuestionState, 'open'>
}
