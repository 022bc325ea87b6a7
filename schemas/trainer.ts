// The contract with a trainer process: one JSON job on stdin, JSON lines on stdout, killable at any time.
import type { DatasetRef } from './dataset.ts'
import type { FailureCode, FailureFacts } from './failures.ts'
import type { BackendInfo, BackendName, CheckpointRef, ModelRef } from './model.ts'
import type { Plan } from './plan.ts'
import type { EvaluationRef } from './verdict.ts'

export type TrainerJob =
  | {
      readonly job: 'train'
      readonly plan: Plan
      readonly dataset: DatasetRef
      /** digest of the inputs: names the checkpoints */
      readonly inputs: string
      /** fingerprint of the training code, for the card */
      readonly code: string
      /** where the attempt before stood; newer checkpoints under the same inputs win */
      readonly resume?: CheckpointRef
      readonly backend?: BackendName
    }
  | {
      readonly job: 'evaluate'
      readonly plan: Plan
      readonly dataset: DatasetRef
      readonly model: ModelRef
      /** digest and key of the champion's card; null when nothing is live */
      readonly champion: { readonly digest: string; readonly key: string } | null
      readonly backend?: BackendName
    }

/** One line of stdout. Anything else on stdout or stderr is log text. */
export type TrainerLine =
  | {
      readonly type: 'started'
      readonly backend: BackendInfo
      /** training only: steps as a compiled graph or operation by operation, and why */
      readonly engine?: { readonly kind: 'eager' | 'compiled'; readonly why: string }
      readonly fromStep: number
      readonly steps: number
      readonly rows: number
    }
  | {
      readonly type: 'progress'
      readonly step: number
      readonly steps: number
      readonly epoch: number
      readonly loss: number
      readonly examplesPerSecond: number
    }
  | {
      readonly type: 'epoch'
      readonly epoch: number
      readonly trainLoss: number
      readonly validationLoss: number
      readonly best: boolean
    }
  | { readonly type: 'checkpoint'; readonly checkpoint: CheckpointRef }
  | { readonly type: 'trained'; readonly model: ModelRef }
  | { readonly type: 'evaluated'; readonly evaluation: EvaluationRef }
  | {
      readonly type: 'error'
      readonly code: FailureCode | 'UNEXPECTED'
      readonly message: string
      readonly facts: FailureFacts
    }

/** Heartbeat details of the training and evaluating activities: what a retry resumes from and what a watcher shows. */
export interface TrainHeartbeat {
  readonly checkpoint?: CheckpointRef
  /** newest line of the trainer that tells how far it is */
  readonly line?: Extract<TrainerLine, { readonly type: 'started' | 'progress' | 'epoch' }>
}
