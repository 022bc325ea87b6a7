// The contract with a trainer process: one JSON job on stdin, JSON lines on stdout, killable at any time.
import { type DatasetRef, datasetRefShape } from './dataset.ts'
import type { FailureCode, FailureFacts } from './failures.ts'
import { type BackendInfo, backendName, type CheckpointRef, type ModelRef, modelRefShape } from './model.ts'
import { type Plan, planShape } from './plan.ts'
import { byKind, nullable, type Of, object, optional, type Shape, sha256, text } from './shape.ts'
import type { EvaluationRef } from './verdict.ts'

const plan: Shape<Plan> = planShape
const dataset: Shape<DatasetRef> = datasetRefShape
const model: Shape<ModelRef> = modelRefShape
/** digest and key of a model's card */
const modelAt = object({ digest: sha256, key: text() })

export type TrainerJob = Of<typeof trainerJobShape>
const trainerJobShape = byKind('job', {
  train: {
    plan,
    dataset,
    /** digest of the inputs: names the checkpoints */
    inputs: sha256,
    /** fingerprint of the training code, for the card */
    code: text(),
    /** the model whose weights training begins with; absent: weights from the seed */
    start: optional(modelAt),
    backend: optional(backendName),
  },
  evaluate: {
    plan,
    dataset,
    model,
    /** null when nothing is live */
    champion: nullable(modelAt),
    backend: optional(backendName),
  },
  /** loads a model as a server does, and asks it its golden rows */
  check: {
    plan,
    /** digest of the card */
    model: sha256,
    backend: optional(backendName),
  },
})

/** What a trainer reads from stdin. Throws INPUT_INVALID. */
export function parseTrainerJob(json: unknown): TrainerJob {
  return trainerJobShape.read({ what: 'trainer job', path: '' }, json)
}

/** One line of stdout. Anything else on stdout or stderr is log text. */
export type TrainerLine =
  | {
      readonly type: 'started'
      readonly backend: BackendInfo
      /** steps, or the passes of the candidate that is judged, as a compiled graph or operation by operation, and why */
      readonly engine?: { readonly kind: 'eager' | 'compiled'; readonly why: string }
      readonly fromStep: number
      readonly steps: number
      readonly rows: number
      /** what is odd about the labels of the dataset, a line each */
      readonly notes?: readonly string[]
      /** lowest validation loss of the epochs before, where a training goes on after one */
      readonly best?: number
    }
  | {
      readonly type: 'progress'
      readonly step: number
      readonly steps: number
      readonly epoch: number
      readonly loss: number
      readonly examplesPerSecond: number
      /** absent: as the plan's optimizer schedules it */
      readonly learningRate?: number
      /** Euclidean norm over all weights together, before clipping; only where the plan has a limit or clips by norm */
      readonly gradientNorm?: number
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
  /** the model answers its golden rows as after training */
  | { readonly type: 'checked'; readonly model: string }
  | {
      readonly type: 'error'
      readonly code: FailureCode | 'UNEXPECTED'
      readonly message: string
      readonly facts: FailureFacts
    }

/** Heartbeat details of the training and evaluating activities: what a retry begins from and what a watcher shows. */
export interface TrainHeartbeat {
  /** digest of the champion that the first attempt began from, so that later ones do as well; null: there was none */
  readonly start?: string | null
  /** for watchers; a trainer itself looks in the store for the newest whole one */
  readonly checkpoint?: CheckpointRef
  /** newest line of the trainer that tells how far it is */
  readonly line?: Extract<TrainerLine, { readonly type: 'started' | 'progress' | 'epoch' }>
  readonly view?: TrainingView
  /** deaths of the trainer, one attempt after the other, that got no further than this step's checkpoint; hand-overs are none */
  readonly deaths?: { readonly count: number; readonly step: number }
}

/** A training as a person sees it, in the Temporal UI and in the terminal. */
export interface TrainingView {
  readonly step: number
  readonly steps: number
  /** share done, epoch, losses, speed, time left */
  readonly text: string
}
