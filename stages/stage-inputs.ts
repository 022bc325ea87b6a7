// What decides the result of each versioned stage, by name: a run looks its results up by it, and explanations compare it.
import type { snapshotSegments } from '../lake/snapshots/snapshots.ts'
import type { SnapshotRef } from '../schemas/manifest.ts'
import type { BackendName } from '../schemas/model.ts'
import type { Plan } from '../schemas/plan.ts'
import { dataDigest } from './clean/make-dataset.ts'

export interface CleanInputs {
  readonly files: Awaited<ReturnType<typeof snapshotSegments>>
  readonly snapshot: SnapshotRef
  /** fingerprint, here and below */
  readonly code: string
}

export function cleanInputs({ files, snapshot, code }: CleanInputs) {
  return { data: dataDigest(files, snapshot), code }
}

export interface TrainInputs {
  readonly plan: Plan
  /** digest, here and below */
  readonly dataset: string
  readonly code: string
  /** that the settings force */
  readonly backend: BackendName | undefined
  /** the model whose weights it begins with */
  readonly start: string | null
}

/** Never the kind of machine: what was trained once is reused by every worker (decision 011). */
export function trainInputs({ plan, dataset, code, backend, start }: TrainInputs) {
  const from = plan.train.from === undefined ? {} : { start: start ?? 'none' }
  return { dataset, code, backend: backend ?? 'best', ...from }
}

export interface EvaluateInputs {
  readonly dataset: string
  readonly model: string
  readonly champion: string | null
  readonly code: string
}

export function evaluateInputs({ dataset, model, champion, code }: EvaluateInputs) {
  return { dataset, model, champion: champion ?? 'none', code }
}
