// The model card: every digest and number that tells how a model came to be. Pure.
import { digestOf } from '../../core/digest.ts'
import { weightSettings } from '../../core/weight-settings.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import type { BackendInfo, MachineKind, ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import type { Architecture } from '../networks/open.ts'
import type { Trained } from '../training/loop.ts'

export interface CardFacts {
  readonly plan: Plan
  readonly dataset: DatasetRef
  readonly manifest: DatasetManifest
  readonly architecture: Architecture
  readonly trained: Trained
  readonly backend: BackendInfo
  /** see ModelCard */
  readonly machines: readonly MachineKind[]
  /** fingerprint of the training code */
  readonly code: string
  /** digest of the model whose weights training began with */
  readonly start?: string | undefined
  /** see ModelCard */
  readonly notes?: readonly string[]
  readonly weights: ObjectRef
  readonly golden: ObjectRef
}

/** Equal for equal dataset, recipe, code, backend and kinds of machines: it holds no time, host or attempt. */
export function modelCard(facts: CardFacts): ModelCard {
  const { plan, dataset, manifest, architecture, trained, backend, machines, code, start, notes = [] } = facts
  const { weights, golden } = facts
  return {
    kind: 'model',
    pipeline: plan.name,
    dataset: dataset.digest,
    lineage: manifest.lineage,
    predict: plan.predict,
    architecture,
    weights,
    transform: manifest.transform,
    golden,
    recipe: digestOf(weightSettings(plan.train)),
    code,
    backend: { name: backend.name, version: backend.version, device: backend.device },
    machines,
    ...(plan.train.trainer === undefined ? {} : { trainer: plan.train.trainer }),
    ...(start === undefined ? {} : { start }),
    ...(notes.length === 0 ? {} : { notes }),
    seed: plan.train.seed,
    steps: trained.steps,
    epochs: trained.epochs.length,
    bestEpoch: trained.bestEpoch,
    validationLoss: trained.validationLoss,
  }
}
