// What runs the training steps and holds the model meanwhile: operation by operation, or as one compiled graph.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { PredictSpec, TrainSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import type { Matrix } from './batches.ts'
import { lossOf } from './loss.ts'
import { type Architecture, forward, initialWeights, type Weight } from './mlp.ts'
import { adamConstants } from './optimizer.ts'
import { type Batch, createStep, type ModelState } from './step.ts'
import { meanLoss } from './validation.ts'

/** The whole state of a training on the JavaScript side; the moments are in the order of the weights. */
export interface HostState {
  readonly weights: readonly Weight[]
  readonly first: readonly Weight[]
  readonly second: readonly Weight[]
}

export type EngineKind = 'eager' | 'compiled'

export interface Engine {
  readonly kind: EngineKind
  /** Replaces the state. Must come before the first step. */
  load(state: HostState): void
  /** One step at this step size (see adamRate) → its loss before the update. Batch and loss are the caller's to dispose. */
  step(batch: Batch, rate: Scalar): Scalar
  /** Copies of the state. */
  read(): HostState
  /** Mean loss over all rows with the weights as they are, without dropout. */
  validationLoss(rows: Matrix): number
  dispose(): void
}

export interface EngineOptions {
  readonly tf: Tf
  readonly architecture: Architecture
  readonly predict: PredictSpec
  readonly train: TrainSpec
}

/** Where a training from scratch begins: weights from the seed, moments zero. */
export function initialState({ architecture, train }: Pick<EngineOptions, 'architecture' | 'train'>): HostState {
  const weights = initialWeights(architecture, train.seed)
  const zeros = weights.map((weight) => ({ ...weight, values: new Float32Array(weight.values.length) }))
  return { weights, first: zeros, second: zeros }
}

/** Runs each operation by itself: works on every backend. */
export function eagerEngine(options: EngineOptions): Engine {
  const { tf, architecture, predict, train } = options
  const step = createStep(tf, options)
  const loss = lossOf(tf, predict)
  const constants = adamConstants(tf, train.optimizer)
  let names: readonly Weight[] = []
  let model: ModelState = { weights: [], moments: { first: [], second: [] } }
  const upload = (weights: readonly Weight[]): Tensor[] =>
    weights.map(({ values, shape }) => tf.tensor(values, [...shape]))
  const replace = (next: ModelState): void => {
    tf.dispose(tensorsOf(model))
    model = next
  }
  return {
    kind: 'eager',
    load({ weights, first, second }) {
      names = weights
      replace({ weights: upload(weights), moments: { first: upload(first), second: upload(second) } })
    },
    step(batch, rate) {
      const after = step(model, batch, { constants, rate })
      replace(after.state)
      return after.loss
    },
    read: () => ({
      weights: download(model.weights, names),
      first: download(model.moments.first, names),
      second: download(model.moments.second, names),
    }),
    validationLoss: (rows) =>
      meanLoss(tf, rows, (x, y) =>
        tf.tidy(() => loss(forward(tf, architecture, { weights: model.weights, x, masks: [] }), y)),
      ),
    dispose: () => tf.dispose([...tensorsOf(model), ...Object.values(constants)]),
  }
}

function download(tensors: readonly Tensor[], names: readonly Weight[]): Weight[] {
  return tensors.map((tensor, i) => ({
    name: names[i]!.name,
    shape: names[i]!.shape,
    values: Float32Array.from(tensor.dataSync()),
  }))
}

function tensorsOf({ weights, moments }: ModelState): Tensor[] {
  return [...weights, ...moments.first, ...moments.second]
}
