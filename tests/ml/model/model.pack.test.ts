// Models survive packing bit for bit, and damaged bytes are refused by name.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignOutputs } from '../../../judge/compare.ts'
import { openBackend } from '../../../ml/backend.ts'
import { loadModel, packModel } from '../../../ml/model/model.ts'
import { packTensors, unpackTensors } from '../../../ml/model/tensor-file.ts'
import { architectureOf, networkOf } from '../../../ml/networks/open.ts'
import { noiseKeys, noiseOf } from '../../../ml/operations/noise.ts'
import { initialWeights } from '../../../ml/training/initial-weights.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { clusters, THREE_CLASSES } from '../builders.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
const SPEC = { kind: 'mlp', hidden: [4, 3], activation: 'tanh', dropout: 0.25 } as const
const architecture = architectureOf(SPEC, 6, THREE_CLASSES)
const weightsFor = (of: typeof architecture, seed: number) => initialWeights(networkOf(of).weights, seed)
const untrained = () => ({ weights: weightsFor(architecture, 3), averages: [] })

describe('a file of tensors', () => {
  const tensors = fc.array(
    fc.record({
      name: fc.string(),
      values: fc.array(fc.float({ noNaN: true })).map((values) => Float32Array.from(values)),
    }),
  )
  it('gives back what was packed', () => {
    fc.assert(
      fc.property(tensors, fc.jsonValue(), (arrays, meta) => {
        const weights = arrays.map(({ name, values }) => ({ name, shape: [values.length], values }))
        const found = unpackTensors(packTensors(meta, weights), 'x')
        expect(found.tensors).toEqual(weights)
        expect(found.meta).toEqual(JSON.parse(JSON.stringify(meta)))
      }),
    )
  })
  it('is refused when cut anywhere', () => {
    const bytes = packTensors({ a: 1 }, [{ name: 'w', shape: [2], values: Float32Array.of(1, 2) }])
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unpackTensors(bytes.subarray(0, length), 'x')).toThrow(/model x: expected/)
    }
  })
  it('may lie at any place in memory', () => {
    const bytes = packTensors({}, [{ name: 'w', shape: [1], values: Float32Array.of(1.5) }])
    const shifted = new Uint8Array(bytes.length + 3).subarray(3)
    shifted.set(bytes)
    expect(unpackTensors(shifted, 'x').tensors[0]!.values).toEqual(Float32Array.of(1.5))
  })
})

describe('a model', () => {
  it('answers with probabilities that sum to one', async () => {
    const model = await loadModel(tf, packModel(architecture, THREE_CLASSES, untrained()))
    const answers = model.predict(clusters({ rows: 9, width: 6, seed: 1 }).inputs)
    for (let row = 0; row < 9; row++) {
      expect(answers[row * 3]! + answers[row * 3 + 1]! + answers[row * 3 + 2]!).toBeCloseTo(1, 6)
    }
    model.dispose()
  })
  it('answers P(true) for a flag', async () => {
    const predict: PredictSpec = { task: 'probability', column: 'flag' }
    const plain = architectureOf({ ...SPEC, hidden: [] }, 1, predict)
    const weights = [
      { name: '0/kernel', shape: [1, 1], values: Float32Array.of(2) },
      { name: '0/bias', shape: [1], values: Float32Array.of(-1) },
    ]
    const model = await loadModel(tf, packModel(plain, predict, { weights, averages: [] }))
    expect(model.predict(Float32Array.of(3))[0]).toBeCloseTo(1 / (1 + Math.exp(-5)), 6)
    model.dispose()
  })
  it.each([
    ['as it was learnt', undefined, 5],
    ['turned back from its scale', { column: 'y', log: false, mean: 100, deviation: 20 }, 200],
    ['turned back from its logarithm', { column: 'y', log: true, mean: 1, deviation: 0.2 }, Math.expm1(2)],
  ])('answers a number %s', async (_, label, expected) => {
    const predict: PredictSpec = { task: 'number', column: 'y' }
    const plain = architectureOf({ ...SPEC, hidden: [] }, 1, predict)
    const weights = [
      { name: '0/kernel', shape: [1, 1], values: Float32Array.of(2) },
      { name: '0/bias', shape: [1], values: Float32Array.of(-1) },
    ]
    const model = await loadModel(tf, packModel(plain, predict, { weights, averages: [], label }))
    expect(model.predict(Float32Array.of(3))[0]).toBeCloseTo(expected, 4)
    model.dispose()
  })
  it('answers no rows with nothing', async () => {
    const model = await loadModel(tf, packModel(architecture, THREE_CLASSES, untrained()))
    expect(model.predict(new Float32Array(0))).toHaveLength(0)
    expect(() => model.predict(new Float32Array(5))).toThrow(/rows of 6 values/)
    model.dispose()
  })
  it('is refused when its shapes do not fit', async () => {
    const weights = weightsFor(architectureOf({ ...SPEC, hidden: [4] }, 6, THREE_CLASSES), 3)
    const bytes = packModel(architecture, THREE_CLASSES, { weights, averages: [] })
    await expect(loadModel(tf, bytes)).rejects.toThrow(/expected weights/)
  })
})

describe('seeds', () => {
  it('decide the first weights', () => {
    expect(weightsFor(architecture, 3)).toEqual(weightsFor(architecture, 3))
    expect(weightsFor(architecture, 3)).not.toEqual(weightsFor(architecture, 4))
  })
  it('spread kernels evenly within their limit', () => {
    const [kernel] = weightsFor(architectureOf({ ...SPEC, hidden: [200] }, 100, THREE_CLASSES), 1)
    const limit = Math.sqrt(6 / 300)
    const mean = kernel!.values.reduce((sum, w) => sum + w, 0) / kernel!.values.length
    const square = kernel!.values.reduce((sum, w) => sum + w * w, 0) / kernel!.values.length
    expect(Math.max(...kernel!.values.map(Math.abs))).toBeLessThanOrEqual(limit)
    expect(Math.abs(mean)).toBeLessThan(0.01 * limit)
    expect(Math.abs((3 * square) / (limit * limit) - 1)).toBeLessThan(0.03) // variance of a uniform distribution
  })
  it('decide each dropout mask', () => {
    const ones = tf.ones([4000])
    const masks = (step: number) => {
      const noise = noiseOf(tf, tf.tensor1d(noiseKeys(1, { step, steps: 1 })))
      return [noise.dropout(ones, 0.25), noise.dropout(ones, 0.25)].map((mask) => [...mask.dataSync()])
    }
    expect(masks(1)).toEqual(masks(1))
    expect(masks(1)).not.toEqual(masks(2))
    const [first, second] = masks(1)
    expect(first).not.toEqual(second)
    const dropped = first!.filter((value) => value === 0).length / 4000
    expect(dropped).toBeGreaterThan(0.22)
    expect(dropped).toBeLessThan(0.28)
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
  })
})

describe('an older model', () => {
  it('gives classes it never knew no chance', () => {
    const from: PredictSpec = { task: 'category', column: 'y', classes: ['a', 'b', 'gone'] }
    const to: PredictSpec = { task: 'category', column: 'y', classes: ['b', 'new', 'a'] }
    const aligned = alignOutputs(Float32Array.of(0.5, 0.25, 0.25, 0, 1, 0), { model: 'm', from, to })
    expect([...aligned]).toEqual([0.25, 0, 0.5, 1, 0, 0])
  })
  it('of another question is refused', () => {
    const from: PredictSpec = { task: 'number', column: 'y' }
    expect(() => alignOutputs(new Float32Array(1), { model: 'm', from, to: THREE_CLASSES })).toThrow(/number of y/)
  })
})
