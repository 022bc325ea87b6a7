// Every kind of network computes what Keras computes from the same weights: logits, gradients, moving averages.
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import type { Network } from '../../../ml/network.ts'
import { type Architecture, networkOf } from '../../../ml/networks/open.ts'
import type { Noise } from '../../../ml/operations/noise.ts'
import type { Tf } from '../../../ml/tf.ts'
import { isFailure } from '../../../schemas/failures.ts'
import type { BackendName } from '../../../schemas/model.ts'
import { golden } from '../golden.ts'
import { CHAIN, largestDifference, rounding } from '../tolerance.ts'

interface Values {
  readonly shape: number[]
  readonly values: number[]
}

interface Case {
  readonly name: string
  readonly spec: object
  readonly sizes: object
  readonly weights: Readonly<Record<string, Values>>
  readonly averages: readonly number[][]
  readonly x: number[][]
  readonly y: number[]
  readonly logits: number[]
  readonly loss: number
  readonly gradients: Readonly<Record<string, Values>>
  readonly moved: readonly number[][]
}

const { cases } = golden<{ cases: readonly Case[] }>('networks')
const TOLERANCE = rounding(CHAIN.network)
const quiet: Noise = { dropout: (x) => x }

/** Opens a backend anew for each test: the last one opened is active. */
async function tfOf(name: BackendName): Promise<Tf | null> {
  try {
    return (await openBackend({ prefer: name, device: 'any' })).tf
  } catch (error) {
    if (isFailure(error, 'DEVICE_MISSING')) return null
    throw error
  }
}

describe.each(['cpu', 'wasm', 'tensorflow'] as const)('on %s', (backend) => {
  it.each(cases)('$name equals Keras', async (keras) => {
    const tf = await tfOf(backend)
    if (tf === null) return expect(backend).not.toBe('cpu')
    const network = networkOf({ ...keras.spec, ...keras.sizes } as Architecture)
    expect(network.weights.map(({ name, shape }) => ({ name, shape }))).toEqual(
      Object.entries(keras.weights).map(([name, { shape }]) => ({ name, shape })),
    )
    const { logits, loss, gradients, moved } = computed(tf, network, keras)
    expect(largestDifference(logits, keras.logits)).toBeLessThan(TOLERANCE)
    expect(largestDifference([loss], [keras.loss])).toBeLessThan(TOLERANCE)
    Object.values(keras.gradients).forEach(({ values }, i) => {
      expect(largestDifference(gradients[i]!, values), network.weights[i]!.name).toBeLessThan(TOLERANCE)
    })
    keras.moved.forEach((values, i) => {
      expect(largestDifference(moved[i]!, values), network.averages[i]!.name).toBeLessThan(TOLERANCE)
    })
  })
})

function computed(tf: Tf, network: Network, given: Case) {
  const weights = Object.values(given.weights).map(({ values, shape }) => tf.tensor(values, shape))
  const averages = given.averages.map((values) => tf.tensor1d(values))
  const x = tf.tensor2d(given.x)
  const logits = [...network.forward(tf, { weights, averages, x }).logits.dataSync()]
  let moved: readonly Tensor[] = []
  const lossOf = tf.valueAndGrads((...current: Tensor[]) => {
    const passed = network.forward(tf, { weights: current, averages, x, noise: quiet })
    moved = passed.averages.map((average) => tf.keep(average))
    const y = tf.tensor1d(given.y)
    return crossEntropy(tf, passed.logits, network.targets?.(tf, x, y) ?? y)
  })
  const { value, grads } = lossOf(weights)
  return {
    logits,
    loss: value.dataSync()[0]!,
    gradients: grads.map((gradient) => [...gradient.dataSync()]),
    moved: moved.map((average) => [...average.dataSync()]),
  }
}

function crossEntropy(tf: Tf, logits: Tensor2D, y: Tensor): Scalar {
  const hot = tf.oneHot(tf.cast(y, 'int32'), logits.shape[1])
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), hot), 1)))
}
