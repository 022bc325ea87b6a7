// Exported graphs take any number of rows where they can, and tfjs answers with them as the function that was traced.
import type { Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { exportModel } from '../../../ml/export/export-model.ts'
import { freezePredictor } from '../../../ml/export/frozen-graph.ts'
import { artifactsOf, encodeGraphModel, type GraphModelFiles } from '../../../ml/export/graph-model.ts'
import type { Predictor } from '../../../ml/export/predictor.ts'
import { openTensorflow } from '../builders.ts'
import { CHAIN, largestDifference, rounding } from '../tolerance.ts'
import { exportCases, ROOT } from './export-cases.ts'

const opened = await openTensorflow()
const WIDTH = 12
const TOLERANCE = rounding(CHAIN.network)

describe.skipIf(opened === null)('a graph model', () => {
  const { tf } = opened!
  const predictor = (predict: (x: Tensor2D) => Tensor2D): Predictor => ({ inputs: WIDTH, predict, dispose: () => {} })

  const ANY_ROWS: readonly (readonly [string, (x: Tensor2D) => Tensor2D])[] = [
    ['a product', (x) => tf.matMul(x, tf.ones([WIDTH, 2]))],
    [
      'images',
      (x) => {
        const images = tf.reshape(x, [x.shape[0], 2, 3, 2]) as never
        const maps = tf.maxPool(tf.conv2d(images, tf.fill([2, 2, 2, 3], 0.25), 1, 'same'), [1, 3], 1, 'valid')
        return tf.reshape(maps, [x.shape[0], -1])
      },
    ],
    ['rows as examples', (x) => tf.reshape(tf.softmax(tf.reshape(x, [x.shape[0] * 4, 3])), [x.shape[0], WIDTH])],
    ['a slice', (x) => tf.slice2d(x, [0, 3], [x.shape[0], 4])],
    ['a norm', (x) => tf.div(tf.sub(x, tf.mean(x, 1, true)), tf.sqrt(tf.add(tf.moments(x, 1, true).variance, 1e-3)))],
  ]

  it.each(ANY_ROWS)('of %s takes any rows', async (_, predict) => {
    const graph = freezePredictor(tf, predictor(predict))
    expect(graph.rows).toBeNull()
    const files = encodeGraphModel(graph, '2.21.0')
    const model = await tf.loadGraphModel(tf.io.fromMemory(artifactsOf(files)))
    for (const rows of [1, 5, 8]) {
      const x = tf.tensor2d(
        Float32Array.from({ length: rows * WIDTH }, (_, i) => 4 * Math.sin(i)),
        [rows, WIDTH],
      )
      const [found, expected] = [model.predict(x) as Tensor2D, predict(x)]
      expect(found.shape).toEqual(expected.shape)
      expect(graph.outputs).toBe(expected.shape[1])
      expect(largestDifference(found.dataSync(), expected.dataSync())).toBeLessThan(rounding(CHAIN.operation))
    }
  })

  it('of every kind answers on plain tfjs', async () => {
    const exported = await Promise.all(
      (await exportCases(tf, TOLERANCE)).map(async ({ name, weights, golden }) => {
        const { files, rows } = await exportModel(tf, { weights, golden, format: 'tfjs', projectDir: ROOT })
        return { name, golden, rows, files }
      }),
    )
    const plain = (await openBackend({ prefer: 'cpu', device: 'cpu' })).tf
    try {
      for (const { name, golden, rows, files } of exported) {
        expect(rows, name).toBeNull()
        const model = JSON.parse(new TextDecoder().decode(files['model.json'])) as GraphModelFiles['model']
        const weights = Uint8Array.from(files['weights.bin']!)
        const loaded = await plain.loadGraphModel(plain.io.fromMemory(artifactsOf({ model, weights })))
        const answers = (loaded.predict(plain.tensor2d(golden.inputs as number[][])) as Tensor2D).dataSync()
        expect(largestDifference(answers, golden.outputs.flat()), name).toBeLessThan(TOLERANCE)
      }
    } finally {
      await openBackend({ prefer: 'tensorflow', device: 'any' })
    }
  })

  it('is made for single rows otherwise', () => {
    const recurrent = predictor((x) => tf.add(x, tf.zeros([x.shape[0], WIDTH])))
    expect(freezePredictor(tf, recurrent).rows).toBe(1)
  })

  it('is not made of values read in JavaScript', () => {
    const reading = predictor((x) => tf.mul(x, x.dataSync()[0]!))
    expect(() => freezePredictor(tf, reading)).toThrow(expect.objectContaining({ code: 'GRAPH_UNTRACEABLE' }))
  })

  it('is not made of other backends', async () => {
    const { tf: wasm } = await openBackend({ prefer: 'wasm', device: 'any' })
    try {
      const call = () =>
        freezePredictor(
          wasm,
          predictor((x) => x),
        )
      expect(call).toThrow(expect.objectContaining({ code: 'DEVICE_MISSING' }))
    } finally {
      await openBackend({ prefer: 'tensorflow', device: 'any' })
    }
  })
})
