// A predictor as a graph with its weights inside, for any number of rows where its operations allow it.
import type { Tensor2D } from '@tensorflow/tfjs'
import { failure } from '../../schemas/failures.ts'
import { attribute, DATA_TYPES, type Node } from '../graph/graph-def.ts'
import { trace } from '../graph/tracer.ts'
import type { Tf } from '../tf.ts'
import { anyRows, type TraceOfRows } from './any-rows.ts'
import type { Predictor } from './predictor.ts'

/** Names of the placeholder and of the result, which are also the names in a signature. */
export const INPUT = 'inputs'
export const OUTPUT = 'outputs'

export interface FrozenGraph {
  readonly nodes: readonly Node[]
  /** rows of a call; null: any number */
  readonly rows: number | null
  /** values per row */
  readonly inputs: number
  /** results per row */
  readonly outputs: number
}

/** Numbers of rows that are traced and compared; primes, so that what depends on the rows can be told from what does not. */
const TRACED_ROWS = [5, 7] as const
/** rows of a graph that cannot be made independent of them */
const FIXED_ROWS = 1

/**
 * Traces the predictor; needs the `tensorflow` backend, since that is where operations can be listened to.
 * Throws DEVICE_MISSING on another backend, GRAPH_UNTRACEABLE for a predictor that reads values in JavaScript.
 */
export function freezePredictor(tf: Tf, predictor: Predictor): FrozenGraph {
  if (tf.getBackend() !== 'tensorflow') {
    const expected = 'the tensorflow backend: exports are made of its operations'
    throw failure('DEVICE_MISSING', { expected, found: tf.getBackend() })
  }
  const [few, more] = TRACED_ROWS.map((rows) => nodesFor(tf, predictor, rows))
  const free = anyRows(few!, more!)
  const { inputs } = predictor
  if (free !== null) return { nodes: free, rows: null, inputs, outputs: few!.outputs }
  const { nodes, outputs } = nodesFor(tf, predictor, FIXED_ROWS)
  return { nodes, rows: FIXED_ROWS, inputs, outputs }
}

function nodesFor(tf: Tf, { inputs, predict }: Predictor, rows: number): TraceOfRows & { outputs: number } {
  const type = attribute('type', DATA_TYPES.float32)
  let outputs = 0
  const { nodes, results, shapes } = trace(tf, {
    prefix: 'model',
    inputs: [{ node: INPUT, shape: [rows, inputs] }],
    compute([x]) {
      const answers = predict(x as Tensor2D)
      outputs = answers.shape[1]
      return [answers]
    },
  })
  const placeholder = { dtype: type, shape: attribute('shape', [rows, inputs]) }
  return {
    nodes: [
      { name: INPUT, op: 'Placeholder', inputs: [], attributes: placeholder },
      ...nodes,
      { name: OUTPUT, op: 'Identity', inputs: [results[0]!], attributes: { T: type } },
    ],
    shapes: new Map(shapes).set(INPUT, [rows, inputs]),
    rows,
    outputs,
  }
}
