// What runs the training steps and holds the model meanwhile: operation by operation, or as one compiled graph.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { PredictSpec, TrainSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import type { Matrix } from './batches.ts'
import { initialWeights, zerosLike } from './initial-weights.ts'
import { lossOf } from './loss.ts'
import type { Network, Weight } from './network.ts'
import { optimizerOf } from './optimizers/optimizer.ts'
import { type Batch, createStep, evaluatedLoss, type Hyper, type ModelState, type StepParts } from './step.ts'
import { meanLoss } from './validation.ts'

/** The whole state of a training on the JavaScript side. */
export interface HostState {
  readonly weights: readonly Weight[]
  readonly averages: readonly Weight[]
  /** one list per slot of the optimizer, each in the order of the weights */
  readonly slots: readonly (readonly Weight[])[]
}

export type EngineKind = 'eager' | 'compiled'

export interface Engine {
  readonly kind: EngineKind
  /** Replaces the state. Must come before the first step. */
  load(state: HostState): void
  /** One step → its loss before the update. All arguments are the caller's to dispose, and so is the loss. */
  step(batch: Batch, hyper: Hyper): Scalar
  /** Copies of the state. */
  read(): Promise<HostState>
  /** Mean loss over all rows with the weights as they are, without dropout. */
  validationLoss(rows: Matrix): Promise<number>
  dispose(): void
}

export interface EngineOptions {
  readonly tf: Tf
  readonly network: Network
  readonly predict: PredictSpec
  readonly train: TrainSpec
}

export function partsOf({ tf, network, predict, train }: EngineOptions): StepParts {
  return { network, loss: lossOf(tf, predict), optimizer: optimizerOf(tf, train.optimizer) }
}

/** Where a training from scratch begins: weights from the seed, the optimizer's slots zero. */
export function initialState(options: EngineOptions): HostState {
  const { network, train } = options
  const weights = initialWeights(network.weights, train.seed)
  return {
    weights,
    averages: initialWeights(network.averages, train.seed),
    slots: partsOf(options).optimizer.slots.map(() => zerosLike(weights)),
  }
}

/** Runs each operation by itself: works on every backend. */
export function eagerEngine(options: EngineOptions): Engine {
  const { tf, network } = options
  const parts = partsOf(options)
  const step = createStep(tf, parts)
  let model: ModelState = { weights: [], averages: [], slots: [] }
  const upload = (weights: readonly Weight[]): Tensor[] =>
    weights.map(({ values, shape }) => tf.tensor(values, [...shape]))
  const replace = (next: ModelState): void => {
    tf.dispose(tensorsOf(model))
    model = next
  }
  return {
    kind: 'eager',
    load({ weights, averages, slots }) {
      const each = slots.map(upload)
      replace({
        weights: upload(weights),
        averages: upload(averages),
        slots: weights.map((_, i) => each.map((slot) => slot[i]!)),
      })
    },
    step(batch, hyper) {
      const after = step(model, batch, hyper)
      replace(after.state)
      return after.loss
    },
    read: async () => ({
      weights: await download(model.weights, network.weights),
      averages: await download(model.averages, network.averages),
      slots: await Promise.all(
        parts.optimizer.slots.map((_, s) =>
          download(
            model.slots.map((slots) => slots[s]!),
            network.weights,
          ),
        ),
      ),
    }),
    validationLoss: (rows) => meanLoss(tf, rows, (x, y) => evaluatedLoss(tf, parts, { ...model, x, y })),
    dispose: () => replace({ weights: [], averages: [], slots: [] }),
  }
}

async function download(tensors: readonly Tensor[], specs: readonly Omit<Weight, 'values'>[]): Promise<Weight[]> {
  return await Promise.all(
    tensors.map(async (tensor, i) => ({
      name: specs[i]!.name,
      shape: specs[i]!.shape,
      values: Float32Array.from(await tensor.data()),
    })),
  )
}

function tensorsOf({ weights, averages, slots }: ModelState): Tensor[] {
  return [...weights, ...averages, ...slots.flat()]
}
