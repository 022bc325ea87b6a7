// The inputs of several steps as few tensors: a tensor for every small step would cost more than the rows in it.
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import { lookUp } from '../../operations/look-up.ts'
import type { Tf } from '../../tf.ts'
import type { Batch, Hyper } from '../engine/step.ts'

/** Batches of equal size, one for each step of a feed. */
export type Stack = RowStack | PlaceStack

/** The rows themselves. */
export interface RowStack {
  /** [steps, rows, inputs] */
  readonly x: Tensor3D
  /** [steps, rows] */
  readonly y: Tensor2D
  /** [steps, 2], see noiseKeys */
  readonly keys: Tensor2D
  /** [steps, rows] how much each row counts; absent: 1 */
  readonly weights?: Tensor2D
}

/** Where the rows stand among those that the engine holds. */
export interface PlaceStack {
  /** [steps, rows] int32 */
  readonly places: Tensor2D
  /** [steps, 2], see noiseKeys */
  readonly keys: Tensor2D
}

/** All rows of a training as tensors. */
export interface HeldRows {
  /** [rows, inputs] */
  readonly x: Tensor2D
  /** [rows] */
  readonly y: Tensor1D
  /** [rows] */
  readonly weights?: Tensor1D
}

/** What the updates of the steps are given, each [steps]. */
export interface HyperStack {
  readonly rates: Tensor1D
  readonly stepSizes: Tensor1D
}

/** Consecutive steps of one epoch. Its tensors may have room for more steps than it holds. */
export interface Feed {
  /** one, or one for each part whose gradients are accumulated */
  readonly stacks: readonly Stack[]
  readonly hyper: HyperStack
  /** [] int32: 0, 1, … for each step, to pick it with; they outlive the feed */
  readonly indices: readonly Scalar[]
  /** learning rates of the steps, as numbers */
  readonly rates: readonly number[]
  /** rows of each step */
  readonly rows: number
}

/** [steps, rows] */
export function shapeOf(stack: Stack): [steps: number, rows: number] {
  return 'places' in stack ? stack.places.shape : stack.y.shape
}

/** The tensors of a stack in the order in which graphs take them. */
export function tensorsOf(stack: Stack): Tensor[] {
  if ('places' in stack) return [stack.places, stack.keys]
  const { x, y, keys, weights } = stack
  return weights === undefined ? [x, y, keys] : [x, y, keys, weights]
}

/** One step's batch out of a stack; `held`: for a stack of places. */
export function pickBatch(tf: Tf, stack: Stack, index: Scalar, held: HeldRows | null): Batch {
  const key = pick<Tensor1D>(tf, stack.keys, index)
  if ('places' in stack) {
    const places = pick<Tensor1D>(tf, stack.places, index)
    const { x, y, weights } = held!
    const at = <T extends Tensor>(table: T): T => lookUp(tf, table, places) as T
    return { x: at(x), y: at(y), key, ...(weights && { weights: at(weights) }) }
  }
  const { x, y, weights } = stack
  return {
    x: pick<Tensor2D>(tf, x, index),
    y: pick<Tensor1D>(tf, y, index),
    key,
    ...(weights && { weights: pick<Tensor1D>(tf, weights, index) }),
  }
}

/** One step's rates. */
export function pickHyper(tf: Tf, { rates, stepSizes }: HyperStack, index: Scalar): Hyper {
  return { rate: pick<Scalar>(tf, rates, index), stepSize: pick<Scalar>(tf, stepSizes, index) }
}

/** [steps, …], [] → […]; a stack of one step is not copied. */
function pick<T extends Tensor>(tf: Tf, stacked: Tensor, index: Scalar): T {
  const [steps, ...rest] = stacked.shape
  return (steps === 1 ? tf.reshape(stacked, rest) : lookUp(tf, stacked, index)) as T
}

/** Frees the tensors of this feed alone. */
export function disposeFeed(tf: Tf, { stacks, hyper }: Feed): void {
  tf.dispose([...stacks.flatMap(tensorsOf), hyper.rates, hyper.stepSizes])
}
