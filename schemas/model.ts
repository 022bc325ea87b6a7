// The model card: digests of everything that made a model version. Its own sha256 is the model's digest.
import type { Lineage } from './dataset.ts'
import type { ModelSpec, PredictSpec, TrainerSpec } from './plan.ts'
import { type ObjectRef, objectRefShape } from './segment.ts'
import { number, type Of, open, sha256, text, words } from './shape.ts'

export type BackendName = Of<typeof backendName>
export const backendName = words('tensorflow', 'webgpu', 'wasm', 'cpu')

export interface BackendInfo {
  readonly name: BackendName
  /** e.g. "TensorFlow 2.21.0" or "tfjs 4.22.0" */
  readonly version: string
  readonly device: 'cpu' | 'gpu'
  /** e.g. "NVIDIA H100 80GB HBM3" or "AMD EPYC 7B13, 2 threads" */
  readonly deviceName?: string
  /** version of the GPU's driver */
  readonly driver?: string
  /** version of the CUDA runtime that is loaded */
  readonly cuda?: string
  /** file of the TensorFlow library that is loaded */
  readonly library?: string
  /** why this one was chosen */
  readonly why: string
}

/** Stored as canonical JSON. Holds nothing that depends on time, host or attempt. */
export interface ModelCard {
  readonly kind: 'model'
  readonly pipeline: string
  readonly dataset: string
  readonly lineage: Lineage
  readonly predict: PredictSpec
  readonly architecture: ModelSpec & { readonly inputs: number; readonly outputs: number; readonly tokens?: number }
  readonly weights: ObjectRef
  readonly transform: ObjectRef
  /** raw rows and the answers that serving must repeat before it goes live */
  readonly golden: ObjectRef
  /** sha256 of the canonical JSON of those training settings of the plan that decide the weights */
  readonly recipe: string
  /** fingerprint of the training code */
  readonly code: string
  readonly backend: Pick<BackendInfo, 'name' | 'version' | 'device'>
  /** the program that trained, where it was not sluice; `backend` then computed the golden answers only */
  readonly trainer?: TrainerSpec
  /** digest of the model whose weights training began with; absent: from the seed */
  readonly start?: string
  readonly seed: number
  readonly steps: number
  readonly epochs: number
  readonly bestEpoch: number
  readonly validationLoss: number
}

export interface ModelRef extends Of<typeof modelRefShape> {}
export const modelRefShape = open({
  ...objectRefShape.fields,
  /** = sha256 of the card */
  digest: sha256,
  pipeline: text(),
  dataset: sha256,
  validationLoss: number(),
  epochs: number({ min: 0, integer: true }),
})

/** Where a run of the trainer stands; the pointer that travels in heartbeats. */
export interface CheckpointRef extends ObjectRef {
  readonly step: number
}

/** Golden rows: what the packaged model answered right after training. */
export interface GoldenRows {
  readonly kind: 'golden'
  /** raw rows as a client would send them, without the label */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** the transform's output, exact: must be repeated bit for bit. [rows][width] */
  readonly inputs: readonly (readonly number[])[]
  /** model outputs (probabilities or values), to be repeated within `tolerance`. [rows][outputs] */
  readonly outputs: readonly (readonly number[])[]
  readonly tolerance: number
}
