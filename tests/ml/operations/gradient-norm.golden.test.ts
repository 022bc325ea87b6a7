// The norm of the gradient that a training tells is TensorFlow's, however the step is run, and is told only where it is watched.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type OpenBackend, openBackend } from '../../../ml/backend.ts'
import { type Binding, nativeBackend } from '../../../ml/backends/native.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { gradientNorm, watchesNorm } from '../../../ml/operations/gradient-norm.ts'
import { clipGradients } from '../../../ml/optimizers/clip.ts'
import { chooseEngine } from '../../../ml/training/engine/choose-engine.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import { trainModel } from '../../../ml/training/loop.ts'
import type { Progress } from '../../../ml/training/step-watch.ts'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { openTensorflow, THREE_CLASSES, trainSpec } from '../builders.ts'
import { golden } from '../golden.ts'
import { CHAIN, rounding } from '../tolerance.ts'

interface Task {
  readonly inputs: number[][]
  readonly labels: number[]
  readonly start: (number[] | number[][])[]
  readonly end: (number[] | number[][])[]
}
const task = golden<Task>('training')
const norms = golden<{ readonly start: number; readonly end: number }>('gradient-norm')

const rows: Matrix = {
  rows: task.labels.length,
  width: 5,
  inputs: Float32Array.from(task.inputs.flat()),
  labels: Float32Array.from(task.labels),
}
const SGD = { kind: 'sgd', rate: 0.01, momentum: 0, nesterov: false } as const
const SPEC = trainSpec({
  model: { kind: 'mlp', hidden: [7, 6], activation: 'tanh', dropout: 0 },
  batch: rows.rows,
  epochs: 1,
})

const tensorflow = await openTensorflow()

/** One step over all rows from these weights → what is told of it. */
async function oneStep(on: OpenBackend, change: Partial<TrainSpec>, weights: 'start' | 'end' = 'start') {
  const train: TrainSpec = { ...SPEC, ...change }
  const network = networkOf(architectureOf(train.model, 5, THREE_CLASSES))
  const options = { tf: on.tf, network, predict: THREE_CLASSES, train, rows, validation: rows }
  const { engine } = await chooseEngine({ ...options, backend: on.info })
  const start = network.weights.map(({ name, shape }, w) => {
    return { name, shape, values: Float32Array.from(task[weights][w]!.flat()) }
  })
  const told: Progress[] = []
  await trainModel({
    ...options,
    backend: 'any',
    engine,
    from: null,
    start: { weights: start, averages: [] },
    onProgress: (progress) => told.push(progress),
    save: async ({ step }) => ({ key: '', sha256: '', bytes: 0, step }),
  })
  return { kind: engine.kind, norm: told[0]!.gradientNorm, told }
}

const WATCHED: readonly (readonly [string, Partial<TrainSpec>])[] = [
  ['with a limit', { optimizer: SGD, gradientLimit: 1e6 }],
  ['clipped by norm', { optimizer: { ...SGD, clipNorm: 1e-3 } }],
  ['clipped by value, with a limit', { optimizer: { ...SGD, clipValue: 1e-4 }, gradientLimit: 1e6 }],
  ['clipped by both', { optimizer: { ...SGD, clipValue: 1e-4, clipNorm: 1e-3 } }],
  ['of parts', { optimizer: { ...SGD, clipNorm: 1e-3 }, accumulate: 3 }],
  ['of an update that is not fused', { ...trainSpec(), ...SPEC, averageWeights: 0.9, gradientLimit: 1e6 }],
]

describe.each([
  ['cpu', 'eager'],
  ['tensorflow', 'compiled'],
] as const)('the norm on %s', (prefer, kind) => {
  const missing = prefer === 'tensorflow' && tensorflow === null
  let on: OpenBackend
  beforeAll(async () => {
    if (!missing) on = await openBackend({ prefer, device: 'any' }) // the last one opened is active
  })
  it.skipIf(missing).each(WATCHED)("is TensorFlow's %s", async (_of, change) => {
    for (const weights of ['start', 'end'] as const) {
      const found = await oneStep(on, change, weights)
      expect(found.kind).toBe(kind)
      expect(Math.abs(found.norm! / norms[weights] - 1)).toBeLessThan(rounding(CHAIN.network))
    }
  })
  it.skipIf(missing)('is not told unless watched', async () => {
    const { told } = await oneStep(on, { optimizer: { ...SGD, clipValue: 1 } })
    expect(told[0]).not.toHaveProperty('gradientNorm')
  })
})

it.skipIf(tensorflow === null).each([1, 3])('a graph has no norm unless watched (%d parts)', async (accumulate) => {
  const on = (await openTensorflow())!
  const backend = nativeBackend(on.tf) as { binding: Binding }
  const real = backend.binding
  const load = (folder: string) => {
    throw new Error(readFileSync(join(folder, 'saved_model.pb'), 'latin1')) // refused: the step stays eager
  }
  backend.binding = Object.create(real, { loadSavedModel: { value: load } }) as Binding
  const graphOf = async (change: Partial<TrainSpec>) => {
    const train: TrainSpec = { ...SPEC, optimizer: SGD, accumulate, ...change }
    const network = networkOf(architectureOf(train.model, 5, THREE_CLASSES))
    const options = { tf: on.tf, network, predict: THREE_CLASSES, train, rows, validation: rows }
    const { why } = await chooseEngine({ ...options, backend: on.info })
    return why
  }
  const [unwatched, watched] = [await graphOf({}), await graphOf({ gradientLimit: 1 })]
  backend.binding = real
  expect(unwatched).not.toContain('_Sqrt')
  expect(watched).toContain('_Sqrt') // else this test shows nothing
})

it('is √Σg² over all gradients', async () => {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
  const part = fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const tensors = parts.map((values) => tf.tensor1d(values))
      const found = tf.tidy(() => gradientNorm(tf, tensors).dataSync()[0]!)
      tf.dispose(tensors)
      const expected = Math.hypot(...parts.flat())
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * expected + 1e-22) // tiny squares vanish in float32
    }),
  )
})

it('is taken again of values that were cut', async () => {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
  const gradients = [tf.tensor1d([3, -0.25]), tf.tensor1d([0.5])]
  const clipped = clipGradients(tf, { clipValue: 1, clipNorm: 0.5 }, gradients, gradientNorm(tf, gradients))
  const [first, second] = clipped.map((each) => each.dataSync())
  const scale = 0.5 / Math.hypot(1, -0.25, 0.5)
  expect(first![0]).toBeCloseTo(scale, 6)
  expect(first![1]).toBeCloseTo(-0.25 * scale, 6)
  expect(second![0]).toBeCloseTo(0.5 * scale, 6)
})

it('is watched where it decides something', () => {
  expect(watchesNorm({ optimizer: SGD })).toBe(false)
  expect(watchesNorm({ optimizer: { ...SGD, clipValue: 1 } })).toBe(false)
  expect(watchesNorm({ optimizer: { ...SGD, clipNorm: 1 } })).toBe(true)
  expect(watchesNorm({ optimizer: SGD, gradientLimit: 1 })).toBe(true)
})
