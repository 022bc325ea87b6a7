// The training step as a TensorFlow graph: the same functions as the eager engine, traced, with the state inside the library.
import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { Weight } from '../network.ts'
import { sizeOf } from '../operations/shape.ts'
import type { Tf } from '../tf.ts'
import { type Engine, type EngineOptions, type FeedForm, type HostState, partsOf } from '../training/engine/engine.ts'
import type { StepNumbers } from '../training/engine/step.ts'
import { type Feed, type Stack, shapeOf, tensorsOf } from '../training/input/feed.ts'
import type { Matrix } from '../training/input/matrix.ts'
import { meanLoss } from '../training/validation.ts'
import { compileProgram } from './program.ts'
import {
  groups,
  lossFunction,
  nameOf,
  partFunction,
  stepFunction,
  type Task,
  updateFunction,
} from './step-functions.ts'

/** The shapes that a training meets: a graph is made for each. */
export interface TrainingShapes {
  /** see feedForm */
  readonly form: FeedForm
  /** all rows, to be held where the form says so */
  readonly rows: Matrix
  /** every feed that occurs, with the rows of its stacks: one, or the parts whose gradients are accumulated */
  readonly feeds: readonly { readonly steps: number; readonly stacks: readonly number[] }[]
  /** rows of a validation chunk, see chunkSizes */
  readonly validation: readonly number[]
}

/**
 * Compiles; only for the `tensorflow` backend. Throws GRAPH_UNTRACEABLE. Variables: weights, averages, each slot of all weights, and
 * where gradients are accumulated one more for each weight, zero between steps.
 */
export function compiledEngine(options: EngineOptions, shapes: TrainingShapes): Engine {
  const { tf, network } = options
  const { form, rows, feeds, validation } = shapes
  const accumulates = feeds.some(({ stacks }) => stacks.length > 1)
  const held = form.held ? tensorsOfRows(tf, rows) : []
  const task: Task = { ...options, parts: partsOf(options), accumulates, held: form.held }
  const { optimizer } = task.parts
  const stacks = feeds.flatMap(({ steps, stacks: sizes }) => sizes.map((size): [number, number] => [steps, size]))
  const functions = {
    ...Object.fromEntries(
      stacks.map((shape) => [nameOf(shape), accumulates ? partFunction(task, shape) : stepFunction(task, shape)]),
    ),
    ...(accumulates
      ? Object.fromEntries(feeds.map(({ steps }) => [`update ${steps}`, updateFunction(task, steps)]))
      : {}),
    ...Object.fromEntries(validation.map((rows) => [`loss ${rows}`, lossFunction(task, rows)])),
  }
  const each = network.weights.map(({ shape }) => shape)
  const state = [...each, ...network.averages.map(({ shape }) => shape), ...optimizer.slots.flatMap(() => each)]
  const program = compileProgram(tf, {
    variables: accumulates ? [...state, ...each] : state,
    constants: held,
    functions,
  })
  tf.dispose(held)
  const zeros = accumulates ? each.map((shape) => new Float32Array(sizeOf(shape))) : []
  const numbersOf = ([loss, norm]: Tensor[]): StepNumbers => ({
    loss: loss as Scalar,
    norm: task.parts.watched === true ? (norm as Scalar) : null,
  })
  const stepOfMany = ({ stacks: parts, hyper, rows: count }: Feed, index: Scalar): StepNumbers => {
    const losses = parts.map((stack) => {
      const share = tf.scalar(shapeOf(stack)[1] / count)
      const [loss] = program.call(nameOf(shapeOf(stack)), [...tensorsOf(stack), share, index])
      share.dispose()
      return loss as Scalar
    })
    const [told] = program.call(`update ${hyper.rates.shape[0]}`, [hyper.rates, hyper.stepSizes, index])
    const numbers = numbersOf([tf.addN(losses), told!])
    tf.dispose(numbers.norm === null ? [...losses, told!] : losses)
    return numbers
  }
  return {
    kind: 'compiled',
    form,
    load: ({ weights, averages, slots }) =>
      program.assign([...[...weights, ...averages, ...slots.flat()].map(({ values }) => values), ...zeros]),
    step(feed, index) {
      const at = feed.indices[index]!
      if (accumulates) return stepOfMany(feed, at)
      const [stack] = feed.stacks as [Stack]
      const { rates, stepSizes } = feed.hyper
      return numbersOf(program.call(nameOf(shapeOf(stack)), [...tensorsOf(stack), rates, stepSizes, at]))
    },
    read: async () => hostState(program.read(), task),
    validationLoss: (rows) => meanLoss(tf, rows, (x, y) => program.call(`loss ${x.shape[0]}`, [x, y])[0] as Scalar),
    dispose: () => program.dispose(),
  }
}

/** All rows: x, y and the weights, where there are any. */
function tensorsOfRows(tf: Tf, { rows, width, inputs, labels, weights }: Matrix): Tensor[] {
  const all = [tf.tensor2d(inputs, [rows, width]), tf.tensor1d(labels)]
  return weights === undefined ? all : [...all, tf.tensor1d(weights)]
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
