// Rolling back: names, payloads, and the words that an operator reads in the Temporal UI.
import type { CarriedPlan } from './carried-plan.ts'
import type { Metrics, Verdict } from './verdict.ts'

export const ROLLBACK_UPDATE = 'rollback'
/** Sent to open questions: another model is live than the one that they compare with. */
export const CHAMPION_SIGNAL = 'championChanged'

export const ROLLBACK_DESCRIPTION =
  'Puts a model that was live before back into service: {"to": "…", "reason": "…", "by": "your name"}; without "to" the one before'

/** What a person asks for. */
export interface RollbackRequest {
  /** the model that is to be live: start of its digest, or the number of its entry in the ledger; absent: the one before */
  readonly to?: string
  readonly reason: string
  /** who decides, as they state it */
  readonly by: string
  /** start of the digest of the model that they saw live; absent: the one that is */
  readonly replaces?: string
}

/** What the workflow is started with: without a reason it shows what can be done and waits for the update. */
export interface RollbackInput extends Partial<RollbackRequest> {
  readonly pipeline: string
  /** what the model is checked with; absent: the pipeline's file as the worker has it */
  readonly plan?: CarriedPlan
}

/** A model that goes back into service, and what it was approved on. */
export interface RollbackTarget {
  /** digest */
  readonly model: string
  /** digest of the live one */
  readonly replaces: string
  readonly approved: {
    readonly by: string
    readonly reason: string
    /** RFC 3339, UTC */
    readonly at: string
    /** number of the ledger's entry */
    readonly version: number
  }
  /** of the evaluation that it was approved on; null: that is not in the store any more */
  readonly evidence: { readonly verdict: Verdict; readonly rows: number; readonly metrics: Metrics } | null
}

export interface RollbackResult {
  readonly state: 'rolled back' | 'nobody decided'
  readonly pipeline: string
  /** digest of the model that is live again; null where nobody decided */
  readonly model: string | null
  /** digest of the model that it took the place of; null as above */
  readonly replaces: string | null
  readonly by: string
  readonly reason: string
  readonly evidence: RollbackTarget['evidence']
  /** candidates whose questions were told: they were judged against the model that is gone */
  readonly asked: readonly string[]
}

/** What an open question is told. */
export interface ChampionChanged {
  /** digest of the model that is live now */
  readonly champion: string
  /** why, in words */
  readonly why: string
}
