// The training step as a TensorFlow graph: the same functions as the eager engine, traced, with the state inside the library.
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Engine, EngineOptions, HostState } from '../engine.ts'
import { lossOf } from '../loss.ts'
import { forward, initialWeights, type Weight } from '../mlp.ts'
import { adamConstants } from '../optimizer.ts'
import { createStep } from '../step.ts'
import { meanLoss } from '../validation.ts'
import { compileProgram, type GraphFunction } from './program.ts'

/** The batch shapes that a training meets: a graph is made for each. */
export interface BatchShapes {
  /** rows of a batch: the full one and the short last one */
  readonly steps: readonly number[]
  /** rows of a validation chunk, see chunkSizes */
  readonly validation: readonly number[]
}

/** Compiles; only for the `tensorflow` backend. Throws GRAPH_UNTRACEABLE. Variables: weights, first and second moments. */
export function compiledEngine(options: EngineOptions, shapes: BatchShapes): Engine {
  const { tf, architecture, train } = options
  const names = initialWeights(architecture, train.seed)
  const each = names.map(({ shape }) => shape)
  const constants = adamConstants(tf, train.optimizer)
  const functions = {
    ...Object.fromEntries(shapes.steps.map((rows) => [`step ${rows}`, stepFunction(options, constants, rows)])),
    ...Object.fromEntries(shapes.validation.map((rows) => [`loss ${rows}`, lossFunction(options, rows)])),
  }
  const program = compileProgram(tf, { variables: [...each, ...each, ...each], functions })
  tf.dispose(Object.values(constants)) // now in the graph
  return {
    kind: 'compiled',
    load: ({ weights, first, second }) => program.assign([...weights, ...first, ...second].map(({ values }) => values)),
    step({ x, y, masks }, rate) {
      return program.call(`step ${x.shape[0]}`, [x, y, ...masks, rate])[0] as Scalar
    },
    read: () => hostState(program.read(), names),
    validationLoss: (rows) => meanLoss(tf, rows, (x, y) => program.call(`loss ${x.shape[0]}`, [x, y])[0] as Scalar),
    dispose: () => program.dispose(),
  }
}

/** Inputs: x, y, one dropout mask per hidden layer, step size. */
function stepFunction(
  options: EngineOptions,
  constants: ReturnType<typeof adamConstants>,
  rows: number,
): GraphFunction {
  const { tf, architecture } = options
  const { hidden, dropout, inputs } = architecture
  const step = createStep(tf, options)
  const masks = dropout === 0 ? [] : hidden.map((units) => [rows, units])
  return {
    inputs: [[rows, inputs], [rows], ...masks, []],
    compute(variables, [x, y, ...rest]) {
      const [weights, first, second] = inThirds(variables)
      const batch = { x: x as Tensor2D, y: y as Tensor1D, masks: rest.slice(0, -1) as Tensor2D[] }
      const { state, loss } = step({ weights, moments: { first, second } }, batch, {
        constants,
        rate: rest.at(-1) as Scalar,
      })
      return { variables: [...state.weights, ...state.moments.first, ...state.moments.second], outputs: [loss] }
    },
  }
}

function lossFunction({ tf, architecture, predict }: EngineOptions, rows: number): GraphFunction {
  const loss = lossOf(tf, predict)
  return {
    inputs: [[rows, architecture.inputs], [rows]],
    compute(variables, [x, y]) {
      const [weights] = inThirds(variables)
      const logits = forward(tf, architecture, { weights, x: x as Tensor2D, masks: [] })
      return { outputs: [loss(logits, y as Tensor1D)] }
    },
  }
}

function hostState(values: readonly Float32Array[], names: readonly Weight[]): HostState {
  const [weights, first, second] = inThirds(values).map((part) =>
    part.map((each, i) => ({ name: names[i]!.name, shape: names[i]!.shape, values: each })),
  )
  return { weights: weights!, first: first!, second: second! }
}

function inThirds<T>(all: readonly T[]): [T[], T[], T[]] {
  const third = all.length / 3
  return [all.slice(0, third), all.slice(third, 2 * third), all.slice(2 * third)]
}
