// The training step as a TensorFlow graph: the same functions as the eager engine, traced, with the state inside the library.
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { type Engine, type EngineOptions, type HostState, partsOf } from '../engine.ts'
import type { Network, Weight } from '../network.ts'
import { createStep, evaluatedLoss, type ModelState, type StepParts } from '../step.ts'
import { meanLoss } from '../validation.ts'
import { compileProgram, type GraphFunction } from './program.ts'

/** The batch shapes that a training meets: a graph is made for each. */
export interface BatchShapes {
  /** rows of a batch: the full one and the short last one */
  readonly steps: readonly number[]
  /** rows of a validation chunk, see chunkSizes */
  readonly validation: readonly number[]
}

/** Compiles; only for the `tensorflow` backend. Throws GRAPH_UNTRACEABLE. Variables: weights, averages, each slot of all weights. */
export function compiledEngine(options: EngineOptions, shapes: BatchShapes): Engine {
  const { tf, network } = options
  const parts = partsOf(options)
  const functions = {
    ...Object.fromEntries(shapes.steps.map((rows) => [`step ${rows}`, stepFunction(options, parts, rows)])),
    ...Object.fromEntries(shapes.validation.map((rows) => [`loss ${rows}`, lossFunction(options, parts, rows)])),
  }
  const each = network.weights.map(({ shape }) => shape)
  const variables = [
    ...each,
    ...network.averages.map(({ shape }) => shape),
    ...parts.optimizer.slots.flatMap(() => each),
  ]
  const program = compileProgram(tf, { variables, functions })
  return {
    kind: 'compiled',
    load: ({ weights, averages, slots }) =>
      program.assign([...weights, ...averages, ...slots.flat()].map(({ values }) => values)),
    step({ x, y }, { rate, stepSize, key }) {
      return program.call(`step ${x.shape[0]}`, [x, y, rate, stepSize, key])[0] as Scalar
    },
    read: async () => hostState(program.read(), network),
    validationLoss: (rows) => meanLoss(tf, rows, (x, y) => program.call(`loss ${x.shape[0]}`, [x, y])[0] as Scalar),
    dispose: () => program.dispose(),
  }
}

function stepFunction({ tf, network }: EngineOptions, parts: StepParts, rows: number): GraphFunction {
  const step = createStep(tf, parts)
  return {
    inputs: [[rows, network.inputs], [rows], [], [], [2]],
    compute(variables, [x, y, rate, stepSize, key]) {
      const { state, loss } = step(
        stateOf(variables, network),
        { x: x as Tensor2D, y: y as Tensor1D },
        { rate: rate as Scalar, stepSize: stepSize as Scalar, key: key as Tensor1D },
      )
      const slots = parts.optimizer.slots.flatMap((_, s) => state.slots.map((of) => of[s]!))
      return { variables: [...state.weights, ...state.averages, ...slots], outputs: [loss] }
    },
  }
}

function lossFunction({ tf, network }: EngineOptions, parts: StepParts, rows: number): GraphFunction {
  return {
    inputs: [[rows, network.inputs], [rows]],
    compute(variables, [x, y]) {
      const { weights, averages } = stateOf(variables, network)
      return { outputs: [evaluatedLoss(tf, parts, { weights, averages, x: x as Tensor2D, y: y as Tensor1D })] }
    },
  }
}

function stateOf(variables: readonly Tensor[], network: Network): ModelState {
  const { weights, averages, slots } = divide(variables, network)
  return { weights, averages, slots: weights.map((_, i) => slots.map((slot) => slot[i]!)) }
}

function hostState(values: readonly Float32Array[], network: Network): HostState {
  const named = (part: readonly Float32Array[], specs: readonly Omit<Weight, 'values'>[]): Weight[] =>
    part.map((each, i) => ({ name: specs[i]!.name, shape: specs[i]!.shape, values: each }))
  const { weights, averages, slots } = divide(values, network)
  return {
    weights: named(weights, network.weights),
    averages: named(averages, network.averages),
    slots: slots.map((slot) => named(slot, network.weights)),
  }
}

/** The program's variables in their order → groups. */
function divide<T>(all: readonly T[], { weights, averages }: Network): { weights: T[]; averages: T[]; slots: T[][] } {
  const count = weights.length
  const slotsAt = count + averages.length
  const slots = Array.from({ length: (all.length - slotsAt) / count }, (_, s) =>
    all.slice(slotsAt + s * count, slotsAt + (s + 1) * count),
  )
  return { weights: all.slice(0, count), averages: all.slice(count, slotsAt), slots }
}
