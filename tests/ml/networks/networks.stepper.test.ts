// Reading token by token gives the logits of reading the whole row at once, on each backend.
import type { Tensor1D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { networkOf } from '../../../ml/networks/open.ts'
import { stepperOf } from '../../../ml/networks/stepper.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import { openTensorflow } from '../builders.ts'
import { CHAIN, largestDifference, rounding } from '../tolerance.ts'
import { architectureFor, CONTEXT, rowsFor, SEQUENCES, TOKENS } from './network-cases.ts'

const ROWS = 3
const native = await openTensorflow()

describe.each(['cpu', 'wasm', ...(native === null ? [] : (['tensorflow'] as const))] as const)('on %s', (backend) => {
  it.each(SEQUENCES)('%s steps as it reads', async (_, spec) => {
    const { tf } = await openBackend({ prefer: backend, device: 'any' })
    const architecture = architectureFor(spec)
    const network = networkOf(architecture)
    const weights = initialWeights(network.weights, 3).map(({ values, shape }) => tf.tensor(values, [...shape]))
    const rows = rowsFor(architecture, ROWS, 9)
    const whole = tf.reshape(network.forward(tf, { weights, averages: [], x: tf.tensor2d(rows) }).logits, [
      ROWS,
      CONTEXT,
      TOKENS,
    ])
    const before = tf.memory().numTensors
    const stepper = stepperOf(tf, architecture, weights)
    let state = stepper.start(ROWS)
    for (let t = 0; t < CONTEXT; t++) {
      const ids = tf.tensor1d(rows.map((row) => row[t]!)) as Tensor1D
      const after = stepper.next(state, ids)
      const expected = tf.slice(whole, [0, t, 0], [ROWS, 1, TOKENS])
      expect(largestDifference(after.logits.dataSync(), expected.dataSync())).toBeLessThan(rounding(CHAIN.network))
      tf.dispose([ids, after.logits, ...state.tensors])
      state = after.state
    }
    expect(state.position).toBe(CONTEXT)
    tf.dispose([...state.tensors])
    expect(tf.memory().numTensors - before).toBe(CONTEXT) // the slices of the comparison
  })
})

describe('a full context', () => {
  it('takes no further token', async () => {
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const architecture = architectureFor(SEQUENCES.at(-1)![1])
    const weights = initialWeights(networkOf(architecture).weights, 3).map(({ values, shape }) =>
      tf.tensor(values, [...shape]),
    )
    const stepper = stepperOf(tf, architecture, weights)
    expect(stepper.context).toBe(CONTEXT)
    let state = stepper.start(1)
    for (let t = 0; t < CONTEXT; t++) state = stepper.next(state, tf.tensor1d([1])).state
    expect(() => stepper.next(state, tf.tensor1d([1]))).toThrow('5 tokens fill the context')
  })
})
