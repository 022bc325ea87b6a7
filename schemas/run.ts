// What a run returns: references and numbers per stage, never data.
import type { CarriedPlan } from './carried-plan.ts'
import type { DatasetRef } from './dataset.ts'
import type { Coverage, SnapshotRef } from './manifest.ts'
import type { ModelRef } from './model.ts'
import type { EvaluationRef } from './verdict.ts'

export type StageName = 'ingest' | 'clean' | 'train' | 'evaluate' | 'promote' | 'serve'

/** Result of a versioned stage. */
export interface Outcome<T> {
  readonly value: T
  /** true: an earlier run's result with the same inputs was used */
  readonly reused: boolean
  /** why it was reused, or which input differs from the nearest earlier run */
  readonly why: string
}

export interface StageReport {
  readonly stage: StageName
  readonly reused: boolean
  readonly why: string
  /** wall-clock in workflow time */
  readonly ms: number
  readonly rows?: number
}

export type TriggerReason = 'person' | 'cron' | 'rows'

export interface RetrainInput {
  readonly plan: CarriedPlan
  readonly reason: TriggerReason
  /** who or what asked, for the record */
  readonly by: string
  /** true: a candidate that was rejected is asked about once more */
  readonly askAgain?: boolean
  /** set when a run continues itself: what it has read so far */
  readonly before?: IngestTotals
}

export interface IngestTotals {
  /** offsets that were read; neighbouring ranges of a partition are one */
  readonly ranges: readonly Coverage[]
  readonly rows: number
  readonly rejects: number
  /** commits whose offsets could not be published for lag monitors; absent: none */
  readonly unpublished?: number
}

export interface RetrainResult {
  readonly pipeline: string
  readonly reason: TriggerReason
  readonly snapshot: SnapshotRef | null
  /** offsets that this run itself read, one or more ranges per partition; empty: nothing new */
  readonly ingested: readonly Coverage[]
  readonly dataset: DatasetRef | null
  readonly candidate: ModelRef | null
  readonly evaluation: EvaluationRef | null
  /** champion when the candidate was judged */
  readonly champion: string | null
  readonly outcome:
    | 'nothing to learn from'
    | 'nothing new'
    | 'gates failed'
    | 'waiting for approval'
    | 'already decided'
  /** of a candidate that is already decided: by whom and why, and how to decide otherwise */
  readonly decided?: string
  /** workflow that asks the person; null when nobody is asked */
  readonly promotion: string | null
  readonly stages: readonly StageReport[]
}

/** Carries a RetrainInput: what arrives while a run goes on starts exactly one successor, with the newest input. */
export const RETRAIN_TRIGGER_SIGNAL = 'trigger'
export const RETRAIN_PROGRESS_QUERY = 'progress'

/** Answer of the progress query: stages so far and what runs now. */
export interface RetrainProgress {
  readonly stage: StageName | 'done'
  readonly detail: string
  readonly stages: readonly StageReport[]
}
