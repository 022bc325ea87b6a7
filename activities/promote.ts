// Promote: what the ledger says about a candidate, and what is added to it.
import { log } from '@temporalio/activity'
import { appendLedger, readLedger } from '../lake/ledger.ts'
import { readJson } from '../lake/store/objects.ts'
import type { Store } from '../lake/store/store.ts'
import type { PromoteResult } from '../schemas/approval.ts'
import type { DatasetManifest } from '../schemas/dataset.ts'
import { objectKey } from '../schemas/ids.ts'
import type { LedgerChange } from '../schemas/ledger.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { ModelCard, ModelRef } from '../schemas/model.ts'
import type { Plan } from '../schemas/plan.ts'
import type { Evaluation, EvaluationRef } from '../schemas/verdict.ts'
import { buildSummary, type Version } from '../stages/promote/summary.ts'
import type { Deps } from './deps.ts'

export interface Standing {
  /** digest and key of the live model's card */
  readonly champion: { readonly digest: string; readonly key: string } | null
  /** what happened to the candidate last; null: the ledger does not know it */
  readonly last: LedgerChange['kind'] | null
}

export interface SummaryInput {
  readonly plan: Plan
  readonly snapshot: SnapshotRef
  readonly model: ModelRef
  readonly evaluation: EvaluationRef
}

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

export interface Reminder {
  readonly pipeline: string
  readonly candidate: string
  readonly ask: string
  readonly verdict: string
  /** 1 for the first */
  readonly reminder: number
}

export function createPromoteActivities({ store }: Pick<Deps, 'store'>) {
  return {
    async readStanding(input: { pipeline: string; candidate: string }): Promise<Standing> {
      const { state } = await readLedger(store, input.pipeline)
      const champion = state.champion === null ? null : { digest: state.champion, key: cardKey(state.champion) }
      return { champion, last: state.last[input.candidate] ?? null }
    },

    /** Returns the candidates that were proposed before this one and still wait. */
    async propose({ pipeline, commitId, ...proposal }: Proposal): Promise<{ model: string; workflowId: string }[]> {
      const change = { kind: 'proposed', ...proposal } as const
      const { open } = await appendLedger(store, { pipeline, commitId, decide: () => change })
      const waiting = Object.entries(open).map(([model, workflowId]) => ({ model, workflowId }))
      return waiting.slice(
        0,
        waiting.findIndex(({ model }) => model === proposal.model),
      )
    },

    /** Throws CHAMPION_CHANGED for an approval when another model went live meanwhile. */
    async recordDecision(record: DecisionRecord): Promise<void> {
      const { pipeline, commitId } = record
      await appendLedger(store, { pipeline, commitId, decide: () => changeOf(record) })
    },

    /** Markdown for the approver. */
    async summarise({ plan, snapshot, model, evaluation: { key, sha256, champion } }: SummaryInput): Promise<string> {
      const evaluation = await readJson<Evaluation>(store, { key, sha256 })
      return buildSummary({
        plan,
        snapshot,
        evaluation,
        candidate: await readVersion(store, model.digest),
        champion: champion === null ? null : await readVersion(store, champion),
      })
    },

    async remind(reminder: Reminder): Promise<void> {
      log.warn(`a candidate waits for ${reminder.ask}`, { ...reminder })
    },
  }
}

const cardKey = (digest: string): string => objectKey('models', digest, 'json')

/** The model's card and the manifest of its dataset, both verified. */
async function readVersion(store: Store, digest: string): Promise<Version> {
  const card = await readJson<ModelCard>(store, { key: cardKey(digest), sha256: digest })
  const key = objectKey('datasets', card.dataset, 'json')
  return { digest, card, dataset: await readJson<DatasetManifest>(store, { key, sha256: card.dataset }) }
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
