// The training step as a TensorFlow graph: the same functions as the eager engine, traced, with the state inside the library.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { type Engine, type EngineOptions, type HostState, partsOf } from '../engine.ts'
import type { Network, Weight } from '../network.ts'
import { clipGradients } from '../optimizers/clip.ts'
import { keptOf } from '../optimizers/optimizer.ts'
import { sizeOf } from '../shape.ts'
import {
  type Batch,
  evaluatedLoss,
  gradientsOf,
  type Hyper,
  type ModelState,
  type StepParts,
  updated,
} from '../step.ts'
import { meanLoss } from '../validation.ts'
import { fusedUpdate, type NativeUpdate } from './native-updates.ts'
import { compileProgram, type GraphFunction } from './program.ts'

/** The batch shapes that a training meets: a graph is made for each. */
export interface BatchShapes {
  /** rows of a step that is taken at once */
  readonly steps: readonly number[]
  /** rows of the parts whose gradients are accumulated */
  readonly parts: readonly number[]
  /** rows of a validation chunk, see chunkSizes */
  readonly validation: readonly number[]
}

/**
 * Compiles; only for the `tensorflow` backend. Throws GRAPH_UNTRACEABLE. Variables: weights, averages, each slot of all weights, and
 * where gradients are accumulated one more for each weight, zero between steps.
 */
export function compiledEngine(options: EngineOptions, shapes: BatchShapes): Engine {
  const { tf, network } = options
  const task: Task = { ...options, parts: partsOf(options), accumulates: shapes.parts.length > 0 }
  const { optimizer } = task.parts
  const functions = {
    ...Object.fromEntries(shapes.steps.map((rows) => [`step ${rows}`, stepFunction(task, rows)])),
    ...Object.fromEntries(shapes.parts.map((rows) => [`part ${rows}`, partFunction(task, rows)])),
    ...(task.accumulates ? { update: updateFunction(task) } : {}),
    ...Object.fromEntries(shapes.validation.map((rows) => [`loss ${rows}`, lossFunction(task, rows)])),
  }
  const each = network.weights.map(({ shape }) => shape)
  const state = [...each, ...network.averages.map(({ shape }) => shape), ...optimizer.slots.flatMap(() => each)]
  const program = compileProgram(tf, { variables: task.accumulates ? [...state, ...each] : state, functions })
  const zeros = task.accumulates ? each.map((shape) => new Float32Array(sizeOf(shape))) : []
  const stepOfMany = (batches: readonly Batch[], rate: Scalar, stepSize: Scalar): Scalar => {
    const rows = batches.reduce((sum, { x }) => sum + x.shape[0], 0)
    const losses = batches.map((batch) => {
      const share = tf.scalar(batch.x.shape[0] / rows)
      const [loss] = program.call(`part ${batch.x.shape[0]}`, [...argumentsOf(batch), share])
      share.dispose()
      return loss as Scalar
    })
    tf.dispose(program.call('update', [rate, stepSize]))
    const total = tf.addN(losses)
    tf.dispose(losses)
    return total
  }
  return {
    kind: 'compiled',
    load: ({ weights, averages, slots }) =>
      program.assign([...[...weights, ...averages, ...slots.flat()].map(({ values }) => values), ...zeros]),
    step(batches, { rate, stepSize }) {
      const [batch] = batches
      if (batches.length > 1 || task.accumulates) return stepOfMany(batches, rate, stepSize)
      return program.call(`step ${batch!.x.shape[0]}`, [...argumentsOf(batch!), rate, stepSize])[0] as Scalar
    },
    read: async () => hostState(program.read(), task),
    validationLoss: (rows) => meanLoss(tf, rows, (x, y) => program.call(`loss ${x.shape[0]}`, [x, y])[0] as Scalar),
    dispose: () => program.dispose(),
  }
}

interface Task extends EngineOptions {
  readonly parts: StepParts
  readonly accumulates: boolean
}

function argumentsOf({ x, y, key, weights }: Batch): Tensor[] {
  return weights === undefined ? [x, y, key] : [x, y, key, weights]
}

/** Shapes of a batch's arguments, and the batch from them. */
function batchArguments({ network, weighted = false }: Task, rows: number) {
  return {
    shapes: [[rows, network.inputs], [rows], [2], ...(weighted ? [[rows]] : [])],
    batchOf: ([x, y, key, weights]: readonly Tensor[]): Batch => ({
      ...{ x: x as Tensor2D, y: y as Tensor1D, key: key as Tensor1D },
      ...(weighted ? { weights: weights as Tensor1D } : {}),
    }),
  }
}

/** A whole step of one batch. */
function stepFunction(task: Task, rows: number): GraphFunction {
  const { tf } = task
  const update = updateOf(task)
  const { shapes, batchOf } = batchArguments(task, rows)
  return {
    inputs: [...shapes, [], []],
    compute(variables, inputs) {
      const [rate, stepSize] = inputs.slice(-2) as [Scalar, Scalar]
      const { state } = divide(variables, task)
      const { loss, gradients, averages } = gradientsOf(tf, task.parts, state, batchOf(inputs))
      return { ...update({ ...state, averages }, gradients, { rate, stepSize }), outputs: [loss] }
    },
  }
}

type Update = (
  state: ModelState,
  gradients: readonly Tensor[],
  hyper: Hyper,
) => { readonly variables: readonly (Tensor | null)[]; readonly updates: readonly NativeUpdate[] }

/** The update as the library's own operation where there is one, else traced; the averages are kept as they are in `state`. */
function updateOf({ tf, network, train, parts }: Task): Update {
  const fused = fusedUpdate(tf, train)
  if (fused === null) {
    return (state, gradients, hyper) => ({
      variables: inOrder({ ...state, ...updated(tf, parts, state, gradients, hyper) }, parts),
      updates: [],
    })
  }
  const count = network.weights.length
  const slotsAt = count + network.averages.length
  return ({ averages }, gradients, { stepSize }) => ({
    variables: [
      ...network.weights.map(() => null),
      ...averages,
      ...parts.optimizer.slots.flatMap(() => network.weights.map(() => null)),
    ],
    updates: clipGradients(tf, parts.bounds ?? {}, gradients).map((gradient, i) =>
      fused({ variables: [i, ...parts.optimizer.slots.map((_, s) => slotsAt + s * count + i)], gradient, stepSize }),
    ),
  })
}

/** Adds the gradient of a part, times its share of the rows, to what is accumulated. */
function partFunction(task: Task, rows: number): GraphFunction {
  const { tf } = task
  const { shapes, batchOf } = batchArguments(task, rows)
  return {
    inputs: [...shapes, []],
    compute(variables, inputs) {
      const { state, accumulated } = divide(variables, task)
      const share = inputs.at(-1) as Scalar
      const { loss, gradients, averages } = gradientsOf(tf, task.parts, state, batchOf(inputs))
      const sums = gradients.map((gradient, i) => tf.add(accumulated[i]!, tf.mul(gradient, share)))
      return {
        variables: [...inOrder({ ...state, averages }, task.parts), ...sums],
        outputs: [tf.mul(loss, share)],
      }
    },
  }
}

/** The update by what was accumulated, which is zero afterwards. */
function updateFunction(task: Task): GraphFunction {
  const { tf } = task
  return {
    inputs: [[], []],
    compute(variables, inputs) {
      const [rate, stepSize] = inputs as [Scalar, Scalar]
      const { state, accumulated } = divide(variables, task)
      const after = updateOf(task)(state, accumulated, { rate, stepSize })
      const zeros = accumulated.map((sum) => tf.zerosLike(sum))
      return { ...after, variables: [...after.variables, ...zeros], outputs: [tf.add(rate, 0)] }
    },
  }
}

function lossFunction(task: Task, rows: number): GraphFunction {
  const { tf, network, parts } = task
  return {
    inputs: [[rows, network.inputs], [rows]],
    compute(variables, [x, y]) {
      const { state, slots } = divide(variables, task)
      const model = { weights: keptOf(parts.optimizer, state.weights, slots), averages: state.averages }
      return { outputs: [evaluatedLoss(tf, parts, { ...model, x: x as Tensor2D, y: y as Tensor1D })] }
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

function hostState(values: readonly Float32Array[], task: Task): HostState {
  const { network } = task
  const named = (part: readonly Float32Array[], specs: readonly Omit<Weight, 'values'>[]): Weight[] =>
    part.map((each, i) => ({ name: specs[i]!.name, shape: specs[i]!.shape, values: each }))
  const { weights, averages, slots } = groups(values, task)
  return {
    weights: named(weights, network.weights),
    averages: named(averages, network.averages),
    slots: slots.map((slot) => named(slot, network.weights)),
  }
}

/** The program's variables in their order → groups. */
function groups<T>(all: readonly T[], { network, parts, accumulates }: Task) {
  const { weights, averages }: Pick<Network, 'weights' | 'averages'> = network
  const sizes = [weights.length, averages.length, ...parts.optimizer.slots.map(() => weights.length)]
  const starts = sizes.map((_, g) => sizes.slice(0, g).reduce((sum, size) => sum + size, 0))
  const [first, second, ...slots] = sizes.map((size, g) => all.slice(starts[g], starts[g]! + size))
  const end = starts.at(-1)! + sizes.at(-1)!
  return { weights: first!, averages: second!, slots, accumulated: accumulates ? all.slice(end) : [] }
}
