// A batch of one row with batch norm: it is normalised by the averages, learns, and leaves them, on every engine.
import { beforeAll, describe, expect, it } from 'vitest'
import { type OpenBackend, openBackend } from '../../../ml/backend.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { batchNorm } from '../../../ml/operations/normalize.ts'
import { chooseEngine } from '../../../ml/training/engine/choose-engine.ts'
import type { Matrix } from '../../../ml/training/input/matrix.ts'
import { trainModel } from '../../../ml/training/loop.ts'
import type { TrainSpec } from '../../../schemas/plan.ts'
import { openTensorflow, trainSpec } from '../builders.ts'

const PREDICT = { task: 'number', column: 'y' } as const
const WIDTH = 3

/** 2 × 4 + 1: the last batch of an epoch of fours is alone. */
const rows: Matrix = {
  rows: 9,
  width: WIDTH,
  inputs: Float32Array.from({ length: 9 * WIDTH }, (_, i) => Math.sin(i)),
  labels: Float32Array.from({ length: 9 }, (_, i) => Math.cos(i)),
}

const tensorflow = await openTensorflow()

describe('a channel with one value', () => {
  it.each([
    ['a row', [1, 2]],
    ['an image of one pixel', [1, 1, 1, 2]],
  ])('of %s is normalised by the averages', async (_, shape) => {
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const affine = { scale: tf.tensor1d([2, 1]), shift: tf.tensor1d([0, 1]) }
    const averages = { mean: tf.tensor1d([1, 0]), variance: tf.tensor1d([3.999, 0.249]) }
    const x = tf.tensor([5, 1], shape)
    const { y, averages: after } = batchNorm(tf, x, { ...affine, averages, training: true })
    const close = (found: ArrayLike<number>, expected: number[]) =>
      expected.forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, 5)
      })
    close(y.dataSync(), [4, 3]) // 2 (5 − 1) / 2, (1 − 0) / ½ + 1
    close(after.mean.dataSync(), [1, 0])
    close(after.variance.dataSync(), [3.999, 0.249])
  })

  it('passes its gradient on', async () => {
    const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
    const affine = { scale: tf.tensor1d([2]), shift: tf.tensor1d([0]) }
    const averages = { mean: tf.tensor1d([1]), variance: tf.tensor1d([3.999]) }
    const gradient = tf.grad((x) => batchNorm(tf, x, { ...affine, averages, training: true }).y)(tf.tensor2d([[5]]))
    expect(gradient.dataSync()[0]).toBeCloseTo(1, 5)
  })
})

describe.each([
  ['eager', 'cpu'],
  ['eager', 'tensorflow'],
  ['compiled', 'tensorflow'],
] as const)('%s on %s', (kind, prefer) => {
  const here = it.skipIf(prefer === 'tensorflow' && tensorflow === null)
  let opened: OpenBackend
  beforeAll(async () => {
    if (prefer === 'cpu' || tensorflow !== null) opened = await openBackend({ prefer, device: 'any' })
  })
  const train = async (changes: Partial<TrainSpec>, of: Matrix = rows) => {
    const { tf, info } = opened
    const spec = trainSpec({ batch: 4, epochs: 3, ...changes })
    const model = { kind: 'mlp', hidden: [4], activation: 'relu', dropout: 0, normalize: 'batch' } as const
    const network = networkOf(architectureOf(model, WIDTH, PREDICT))
    const task = { tf, network, predict: PREDICT, train: spec, rows: of, validation: rows }
    const { engine } = await chooseEngine({ ...task, backend: info, forceEager: kind === 'eager' })
    expect(engine.kind).toBe(kind)
    const save = async ({ step }: { step: number }) => ({ key: `${step}`, sha256: '', bytes: 0, step })
    return await trainModel({ ...task, backend: 'test', engine, from: null, save })
  }
  const averagesOf = ({ averages }: Awaited<ReturnType<typeof train>>) => averages.map(({ values }) => [...values])

  here('an epoch ends with one row', async () => {
    const { validationLoss, averages, steps } = await train({})
    expect(steps).toBe(9)
    expect(validationLoss).toBeLessThan(10)
    // 0.99 to the power of the 6 steps of four rows is the least that is left of a variance of 1
    for (const variance of averages[1]!.values) expect(variance).toBeGreaterThan(0.99 ** 6)
  })

  here('batches of one leave the averages', async () => {
    const trained = await train({ batch: 1, epochs: 1 })
    expect(averagesOf(trained)).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ])
    expect(Number.isFinite(trained.validationLoss)).toBe(true)
  })

  here('parts of one row learn too', async () => {
    const trained = await train({ accumulate: 4, epochs: 1 })
    expect(averagesOf(trained)[1]).toEqual([1, 1, 1, 1])
    expect(Number.isFinite(trained.validationLoss)).toBe(true)
  })
})
