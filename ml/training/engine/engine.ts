// What runs the training steps and holds the model meanwhile: operation by operation, or as one compiled graph.
import type { PredictSpec, TrainSpec } from '../../../schemas/plan.ts'
import { lossOf } from '../../losses/loss.ts'
import type { Network, Weight } from '../../network.ts'
import { watchesNorm } from '../../operations/gradient-norm.ts'
import { keptOf, type Optimizer, optimizerOf } from '../../optimizers/optimizer.ts'
import { NEED_OF_MODEL, outOfMemory } from '../../out-of-memory.ts'
import type { Tf } from '../../tf.ts'
import { initialWeights, zerosLike } from '../initial-weights.ts'
import type { Feed } from '../input/feed.ts'
import type { Matrix } from '../input/matrix.ts'
import type { StepNumbers, StepParts } from './step.ts'

/** The whole state of a training on the JavaScript side. */
export interface HostState {
  readonly weights: readonly Weight[]
  readonly averages: readonly Weight[]
  /** one list per slot of the optimizer, each in the order of the weights */
  readonly slots: readonly (readonly Weight[])[]
}

/** A model as it is judged and kept. */
export type HostModel = Pick<HostState, 'weights' | 'averages'>

export type EngineKind = 'eager' | 'compiled'

export interface FeedForm {
  /** of full batches; the short last one of an epoch comes alone */
  readonly steps: number
  /** true: the engine holds all rows, and feeds say where theirs stand; false: feeds bring them */
  readonly held: boolean
}

export interface Engine {
  readonly kind: EngineKind
  /** Replaces the state. Must come before the first step. */
  load(state: HostState): void
  /** of the feeds that it takes */
  readonly form: FeedForm
  /**
   * One step, number `index` of the feed. Several stacks: their gradients are accumulated, each weighed by its share of the rows. The
   * feed is the caller's to dispose of, and so are the numbers.
   */
  step(feed: Feed, index: number): StepNumbers
  /** Copies of the state. */
  read(): Promise<HostState>
  /** Mean loss over all rows of the model as it would be kept now, without dropout. */
  validationLoss(rows: Matrix): Promise<number>
  dispose(): void
}

export interface EngineOptions {
  readonly tf: Tf
  readonly network: Network
  readonly predict: PredictSpec
  readonly train: TrainSpec
  /** of the training rows, for balanced class weights */
  readonly labels?: Float32Array
  /** each row of a batch has a weight */
  readonly weighted?: boolean
}

export function partsOf({ tf, network, predict, train, labels }: EngineOptions): StepParts {
  return {
    network,
    loss: lossOf(tf, { predict, loss: train.loss, labels }),
    optimizer: optimizerOf(tf, train),
    bounds: train.optimizer,
    watched: watchesNorm(train),
  }
}

/** Where a training from scratch begins: weights from the seed, the optimizer's slots zero or as the weights. Throws OUT_OF_MEMORY. */
export function initialState(options: EngineOptions): HostState {
  const { tf, network, train } = options
  try {
    const averages = initialWeights(network.averages, train.seed)
    return stateFrom(optimizerOf(tf, train), { weights: initialWeights(network.weights, train.seed), averages })
  } catch (error) {
    throw outOfMemory(error, NEED_OF_MODEL) ?? error
  }
}

/** Where a training begins that goes on from another model. */
export function stateFrom(optimizer: Optimizer, { weights, averages }: HostModel): HostState {
  const { slots, fromWeights = [] } = optimizer
  return { weights, averages, slots: slots.map((slot) => (fromWeights.includes(slot) ? weights : zerosLike(weights))) }
}

/** The model as it would be kept now. */
export function keptModel(optimizer: Optimizer, { weights, averages, slots }: HostState): HostModel {
  return { weights: keptOf(optimizer, weights, slots), averages }
}

/** Rows of the parts that a batch of `rows` rows is cut into: all of `size` rows, the last one of the rest. */
export function partSizes(rows: number, size: number): number[] {
  const sizes = Array.from({ length: Math.floor(rows / size) }, () => size)
  return rows % size === 0 ? sizes : [...sizes, rows % size]
}

/** Rows whose gradient is taken at once. */
export function partSize({ batch, accumulate = 1 }: Pick<TrainSpec, 'batch' | 'accumulate'>): number {
  return Math.ceil(batch / accumulate)
}
