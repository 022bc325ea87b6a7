// What promotion adds to a model's ledger: a candidate that is proposed, and how the question about it ended.
import type { PromoteResult } from '../../schemas/approval.ts'
import type { LedgerChange } from '../../schemas/ledger.ts'

export interface Proposal {
  readonly pipeline: string
  readonly model: string
  /** sha256 of the evaluation */
  readonly evaluation: string
  readonly workflowId: string
  /** RFC 3339, UTC */
  readonly at: string
  readonly commitId: string
}

export interface DecisionRecord extends Pick<PromoteResult, 'by' | 'reason' | 'via'>, Omit<Proposal, 'workflowId'> {
  readonly state: Exclude<PromoteResult['state'], 'open'>
  /** champion that the candidate was judged against */
  readonly replaces: string | null
}

/** The ledger's words for how a question ended. Pure. */
export function changeOf(record: DecisionRecord): LedgerChange {
  const { state, model, evaluation, replaces, at, by, reason, via } = record
  const decision = { by, reason, at, identity: via === 'update' || via === 'signal' ? 'stated' : 'system' } as const
  switch (state) {
    case 'approved':
      return { kind: 'promoted', model, evaluation, replaces, ...decision }
    case 'rejected':
      return { kind: 'rejected', model, ...decision }
    case 'expired':
      return { kind: 'expired', model, reason, at }
    case 'superseded':
    case 'outdated': // closed without a decision that counts; the next run asks again, against the live champion
      return { kind: 'superseded', model, reason, at }
  }
}
