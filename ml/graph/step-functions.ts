// The entries of a training's program: a step, the part of one, an update and a loss, as functions of the variables that hold its state.
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { Network } from '../network.ts'
import { clipGradients } from '../optimizers/clip.ts'
import { keptOf } from '../optimizers/optimizer.ts'
import { needOfPass, outOfMemory } from '../out-of-memory.ts'
import type { EngineOptions } from '../training/engine/engine.ts'
import {
  type Batch,
  evaluatedLoss,
  gradientsOf,
  type Hyper,
  type ModelState,
  type StepGradient,
  type StepParts,
  stepGradient,
  updated,
} from '../training/engine/step.ts'
import { type HeldRows, type HyperStack, pickBatch, pickHyper, type Stack } from '../training/input/feed.ts'
import { fusedUpdate, type NativeUpdate } from './native-updates.ts'
import type { GraphFunction, InputSpec } from './program.ts'

/** What the entries of a training's program are made from. */
export interface Task extends EngineOptions {
  readonly parts: StepParts
  readonly accumulates: boolean
  /** see FeedForm */
  readonly held: boolean
}

function heldRows([x, y, weights]: readonly Tensor[]): HeldRows {
  return { x: x as Tensor2D, y: y as Tensor1D, ...(weights && { weights: weights as Tensor1D }) }
}

export function nameOf([steps, rows]: readonly number[]): string {
  return `${steps} steps of ${rows}`
}

const INDEX = { shape: [], dtype: 'int32' } as const

/** A stack's tensors, see tensorsOf, and one step's batch from them. */
function stackArguments(task: Task, [steps, rows]: readonly [steps: number, rows: number]) {
  const { tf, network, weighted = false, held } = task
  const inputs: InputSpec[] = held
    ? [{ shape: [steps, rows], dtype: 'int32' }, [steps, 2]]
    : [[steps, rows, network.inputs], [steps, rows], [steps, 2], ...(weighted ? [[steps, rows]] : [])]
  const stackOf = (tensors: readonly Tensor[]): Stack => {
    if (held) return { places: tensors[0] as Tensor2D, keys: tensors[1] as Tensor2D }
    const [x, y, keys, weights] = tensors as [Tensor3D, Tensor2D, Tensor2D, Tensor2D]
    return weighted ? { x, y, keys, weights } : { x, y, keys }
  }
  return {
    inputs,
    batchOf: (tensors: readonly Tensor[], index: Scalar, constants: readonly Tensor[]): Batch =>
      pickBatch(tf, stackOf(tensors), index, held ? heldRows(constants) : null),
  }
}

function hyperOf([rates, stepSizes]: readonly Tensor[]): HyperStack {
  return { rates: rates as Tensor1D, stepSizes: stepSizes as Tensor1D }
}

/** A whole step of one batch. */
export function stepFunction(task: Task, shape: readonly [steps: number, rows: number]): GraphFunction {
  const { tf } = task
  const update = updateOf(task)
  const { inputs: stack, batchOf } = stackArguments(task, shape)
  return {
    inputs: [...stack, [shape[0]], [shape[0]], INDEX],
    compute(variables, inputs, constants) {
      const index = inputs.at(-1) as Scalar
      const hyper = pickHyper(tf, hyperOf(inputs.slice(-3, -1)), index)
      const { state } = divide(variables, task)
      const batch = batchOf(inputs, index, constants)
      const { loss, gradients, averages } = gradientsOf(tf, task.parts, state, batch)
      const gradient = stepGradient(tf, task.parts, gradients)
      return { ...update({ ...state, averages }, gradient, hyper), outputs: [loss, ...normOf(gradient)] }
    },
  }
}

function normOf({ norm }: StepGradient): Scalar[] {
  return norm === null ? [] : [norm]
}

type Update = (
  state: ModelState,
  gradient: StepGradient,
  hyper: Hyper,
) => { readonly variables: readonly (Tensor | null)[]; readonly updates: readonly NativeUpdate[] }

/** The update as the library's own operation where there is one, else traced; the averages are kept as they are in `state`. */
function updateOf({ tf, network, train, parts }: Task): Update {
  const fused = fusedUpdate(tf, train)
  if (fused === null) {
    return (state, gradient, hyper) => ({
      variables: inOrder({ ...state, ...updated(tf, parts, state, gradient, hyper) }, parts),
      updates: [],
    })
  }
  const count = network.weights.length
  const slotsAt = count + network.averages.length
  return ({ averages }, { gradients, norm }, { stepSize }) => ({
    variables: [
      ...network.weights.map(() => null),
      ...averages,
      ...parts.optimizer.slots.flatMap(() => network.weights.map(() => null)),
    ],
    updates: clipGradients(tf, parts.bounds ?? {}, gradients, norm).map((gradient, i) =>
      fused({ variables: [i, ...parts.optimizer.slots.map((_, s) => slotsAt + s * count + i)], gradient, stepSize }),
    ),
  })
}

/** Adds the gradient of a part, times its share of the rows, to what is accumulated. */
export function partFunction(task: Task, shape: readonly [steps: number, rows: number]): GraphFunction {
  const { tf } = task
  const { inputs: stack, batchOf } = stackArguments(task, shape)
  return {
    inputs: [...stack, [], INDEX],
    compute(variables, inputs, constants) {
      const { state, accumulated } = divide(variables, task)
      const [share, index] = inputs.slice(-2) as [Scalar, Scalar]
      const batch = batchOf(inputs, index, constants)
      const { loss, gradients, averages } = gradientsOf(tf, task.parts, state, batch)
      const sums = gradients.map((gradient, i) => tf.add(accumulated[i]!, tf.mul(gradient, share)))
      return {
        variables: [...inOrder({ ...state, averages }, task.parts), ...sums],
        outputs: [tf.mul(loss, share)],
      }
    },
  }
}

/** The update by what was accumulated, which is zero afterwards. → its norm where that is watched, else nothing of interest. */
export function updateFunction(task: Task, steps: number): GraphFunction {
  const { tf } = task
  return {
    inputs: [[steps], [steps], INDEX],
    compute(variables, inputs) {
      const hyper = pickHyper(tf, hyperOf(inputs), inputs.at(-1) as Scalar)
      const { state, accumulated } = divide(variables, task)
      const gradient = stepGradient(tf, task.parts, accumulated)
      const after = updateOf(task)(state, gradient, hyper)
      const zeros = accumulated.map((sum) => tf.zerosLike(sum))
      const outputs = [gradient.norm ?? tf.add(hyper.rate, 0)] // a call must have a result
      return { ...after, variables: [...after.variables, ...zeros], outputs }
    },
  }
}

export function lossFunction(task: Task, rows: number): GraphFunction {
  const { tf, network, parts } = task
  return {
    inputs: [[rows, network.inputs], [rows]],
    compute(variables, [x, y]) {
      const { state, slots } = divide(variables, task)
      const model = { weights: keptOf(parts.optimizer, state.weights, slots), averages: state.averages }
      try {
        return { outputs: [evaluatedLoss(tf, parts, { ...model, x: x as Tensor2D, y: y as Tensor1D })] }
      } catch (error) {
        throw outOfMemory(error, needOfPass(rows)) ?? error // to trace is to run once
      }
    },
  }
}

/** A state as the program's variables. */
function inOrder({ weights, averages, slots }: ModelState, { optimizer }: StepParts): Tensor[] {
  return [...weights, ...averages, ...optimizer.slots.flatMap((_, s) => slots.map((of) => of[s]!))]
}

function divide(variables: readonly Tensor[], task: Task) {
  const { weights, averages, slots, accumulated } = groups(variables, task)
  const state: ModelState = { weights, averages, slots: weights.map((_, i) => slots.map((slot) => slot[i]!)) }
  return { state, slots, accumulated }
}

/** The program's variables in their order → groups. */
export function groups<T>(all: readonly T[], { network, parts, accumulates }: Task) {
  const { weights, averages }: Pick<Network, 'weights' | 'averages'> = network
  const sizes = [weights.length, averages.length, ...parts.optimizer.slots.map(() => weights.length)]
  const starts = sizes.map((_, g) => sizes.slice(0, g).reduce((sum, size) => sum + size, 0))
  const [first, second, ...slots] = sizes.map((size, g) => all.slice(starts[g], starts[g]! + size))
  const end = starts.at(-1)! + sizes.at(-1)!
  return { weights: first!, averages: second!, slots, accumulated: accumulates ? all.slice(end) : [] }
}
