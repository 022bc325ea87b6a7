// What promotion adds to a model's ledger, and reads from it: a candidate that is proposed, and how the question about it ended.
import type { PromoteResult, QuestionEnd } from '../../schemas/approval.ts'
import { type LedgerChange, type LedgerState, sinceRetired } from '../../schemas/ledger.ts'
import type { ChainEntry } from '../../schemas/manifest.ts'

export interface Proposal {
  readonly pipeline: string
  readonly model: string
  /** sha256 of the evaluation */
  readonly evaluation: string
  readonly workflowId: string
  /** RFC 3339, UTC */
  readonly at: string
  readonly commitId: string
  /** true: also where a person has rejected it */
  readonly again?: boolean
}

/** A candidate that waits for a decision. */
export interface OpenQuestion {
  /** digest */
  readonly model: string
  readonly workflowId: string
}

export const openIn = ({ open }: Pick<LedgerState, 'open'>): OpenQuestion[] =>
  Object.entries(open).map(([model, workflowId]) => ({ model, workflowId }))

export interface DecisionRecord
  extends Pick<PromoteResult, 'by' | 'reason' | 'via'>,
    Omit<Proposal, 'workflowId' | 'again'> {
  readonly state: Exclude<PromoteResult['state'], 'open'>
  /** champion that the candidate was judged against */
  readonly replaces: string | null
  /** of a supersession: digest of the newer candidate, which the ledger must know; absent: sluice itself found it there */
  readonly newer?: string
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
    case 'withdrawn':
      return { kind: 'withdrawn', model, reason, at }
    case 'superseded':
    case 'outdated': // closed without a decision that counts; the next run asks again, against the live champion
      return { kind: 'superseded', model, reason, at }
  }
}

/** How the question about a model ended; null: it is open, or was never put. Pure. */
export function endIn(entries: readonly ChainEntry<LedgerChange>[], model: string): QuestionEnd | null {
  const last = sinceRetired(entries).findLast(({ change }) => change.model === model)?.change
  if (last === undefined || last.kind === 'proposed' || last.kind === 'retired') return null
  if (!('by' in last)) return { state: last.kind, by: 'sluice', reason: last.reason, via: 'ledger' }
  return { state: last.kind === 'rejected' ? 'rejected' : 'approved', by: last.by, reason: last.reason, via: 'ledger' }
}

/** True when `newer` was proposed after `model`. Pure. */
export function isProposedAfter(entries: readonly ChainEntry<LedgerChange>[], model: string, newer: string): boolean {
  const proposal = (of: string): number =>
    entries.findLastIndex(({ change }) => change.kind === 'proposed' && change.model === of)
  return proposal(newer) > proposal(model)
}
