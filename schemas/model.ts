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

/**
 * What decides the last bits of a model beside data, plan, code and backend: trainings that equal kinds computed alone end with equal bits,
 * others within what another seed would change. Nothing of it changes from run to run.
 */
export interface MachineKind {
  /** e.g. "AuthenticAMD family 25 model 17": sizes of caches decide how a library cuts its sums, too */
  readonly processor: string
  /** those of its instruction sets that the libraries have own code for, e.g. ["avx2", "avx512f"] */
  readonly instructions: readonly string[]
  /** that share the sums of one operation */
  readonly threads: number
  /** of first weights, schedules and the backend cpu, e.g. "V8 13.6" */
  readonly javascript: string
  /** variables with which the library takes other code, where they are set, e.g. ONEDNN_MAX_CPU_ISA */
  readonly settings: Readonly<Record<string, string>>
  /** e.g. "NVIDIA H200, driver 570.86.15, CUDA 12": with a GPU even equal kinds need not end with equal bits */
  readonly gpu?: string
}

/** Stored as canonical JSON. Holds nothing that depends on time, host or attempt, but for kinds of machines. */
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
  /** every kind of machine that computed a part of it, in the order of their first parts; absent: made before cards told */
  readonly machines?: readonly MachineKind[]
  /** the program that trained, where it was not sluice; `backend` and `machines` then computed the golden answers only */
  readonly trainer?: TrainerSpec
  /** digest of the model whose weights training began with; absent: from the seed */
  readonly start?: string
  /** what was odd about the labels of the dataset, a line each, e.g. a class without training rows; absent: nothing */
  readonly notes?: readonly string[]
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
