// The passes of a model as one TensorFlow graph for any number of rows, with its weights as variables inside the library.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { logitsOf, lossesOf, type Passes, type PassParts, scoresOf } from '../model/passes.ts'
import { byName } from '../networks/parts.ts'
import type { Reading } from '../networks/reading.ts'
import { readingOf, type StepCall, stepperBy } from '../networks/stepper.ts'
import { applyHead } from '../operations/head.ts'
import type { Tf } from '../tf.ts'
import { compileProgram, type GraphFunction, type Program } from './program.ts'

/** Positions in what `pass` returns; a call computes only what it asks for. */
const [ANSWERS, SCORES, LOSSES] = [0, 1, 2] as const

/**
 * Compiles; only for the `tensorflow` backend. Throws GRAPH_UNTRACEABLE. The weights of `parts` stay the caller's: on a processor the
 * library shares their memory, so that disposing of them afterwards leaves the model in memory once.
 */
export function compiledPasses(tf: Tf, parts: PassParts): Passes & Pick<Program, 'nodes'> {
  const { network, architecture, weights, averages } = parts
  const isNext = network.targets !== undefined
  const reading = readingOf(architecture)
  const program = compileProgram(tf, {
    variables: [...network.weights, ...network.averages].map(({ shape }) => shape),
    standIns: [...weights, ...averages],
    functions: {
      pass: passFunction(tf, parts, isNext),
      ...(reading === null ? {} : { next: nextFunction(tf, parts, reading) }),
    },
  })
  program.assignTensors([...weights, ...averages])
  const none = tf.tensor1d([0], 'int32') // for passes that ask for no position
  const pass = (x: Tensor2D, asked: Tensor1D | null, wanted: number): Tensor =>
    program.call('pass', isNext ? [x, asked ?? none] : [x], [wanted])[0]!
  const step: StepCall = (ids, position, state) => program.call('next', [ids, position, ...state])
  return {
    kind: 'compiled',
    nodes: program.nodes,
    answers: (x, asked) => pass(x, asked, ANSWERS) as Tensor2D,
    scores: (x, asked) => pass(x, asked, SCORES) as Tensor2D,
    losses: (x) => pass(x, null, LOSSES) as Tensor1D,
    stepper: reading === null ? null : stepperBy(tf, reading, step),
    dispose() {
      none.dispose()
      program.dispose()
    },
  }
}

function passFunction(tf: Tf, parts: PassParts, isNext: boolean): GraphFunction {
  const { network, head } = parts
  return {
    inputs: [[-1, network.inputs], ...(isNext ? [{ shape: [-1], dtype: 'int32' } as const] : [])],
    compute(variables, [x, asked]) {
      const rows = x as Tensor2D
      const logits = logitsOf(tf, { ...parts, ...divided(variables, parts) }, rows)
      const scores = scoresOf(tf, logits, isNext ? (asked as Tensor1D) : null)
      const outputs = [applyHead(tf, head, scores), scores]
      return { outputs: isNext ? [...outputs, lossesOf(tf, rows, logits)] : outputs }
    },
  }
}

/** One token of one text. */
function nextFunction(tf: Tf, parts: PassParts, reading: Reading): GraphFunction {
  const { network } = parts
  return {
    inputs: [[1], { shape: [1], dtype: 'int32' }, ...reading.state(1, -1)],
    compute(variables, [ids, position, ...state]) {
      const weight = byName(network.weights, divided(variables, parts).weights)
      const read = { ids: tf.cast(ids as Tensor1D, 'int32'), position: position as Tensor1D, state }
      const after = reading.step(tf, weight, read)
      return { outputs: [after.logits, ...after.state] }
    },
  }
}

function divided(variables: readonly Tensor[], { network }: PassParts): Pick<PassParts, 'weights' | 'averages'> {
  const count = network.weights.length
  return { weights: variables.slice(0, count), averages: variables.slice(count) }
}
