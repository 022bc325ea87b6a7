// The backend that is asked for is opened, or the reason is told; all of them compute the same.
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../ml/backend.ts'
import { backendId } from '../../ml/checkpoint.ts'
import { trainModel } from '../../ml/loop.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { BackendName } from '../../schemas/model.ts'
import { clusters, THREE_CLASSES, trainSpec } from './builders.ts'

/** Built by the set-up of `npm test`; where it is missing, the tests that need it show as skipped. */
const HAS_TENSORFLOW = await has('tensorflow')
const OTHERS = [
  { name: 'wasm', here: true },
  { name: 'tensorflow', here: HAS_TENSORFLOW },
] as const

async function has(prefer: BackendName): Promise<boolean> {
  try {
    await openBackend({ prefer, device: 'any' })
    return true
  } catch (error) {
    if (isFailure(error, 'DEVICE_MISSING')) return false
    throw error
  }
}

async function trainOn(name: BackendName, dropout: number): Promise<Float32Array> {
  const opened = await openBackend({ prefer: name, device: 'any' })
  const spec = trainSpec({ epochs: 3, model: { kind: 'mlp', hidden: [9, 5], activation: 'relu', dropout } })
  const trained = await trainModel({
    tf: opened.tf,
    backend: backendId(opened.info),
    network: networkOf(architectureOf(spec.model, 6, THREE_CLASSES)),
    ...{ predict: THREE_CLASSES, train: spec, from: null },
    ...{ rows: clusters({ rows: 60, width: 6, seed: 1 }), validation: clusters({ rows: 30, width: 6, seed: 2 }) },
    save: async ({ step }) => ({ key: '', sha256: '', bytes: 0, step }),
  })
  return Float32Array.from(trained.weights.flatMap(({ values }) => [...values]))
}

describe('openBackend', () => {
  it.each(['cpu', 'wasm'] as const)('opens %s by name', async (name) => {
    const { tf, info } = await openBackend({ prefer: name, device: 'any' })
    expect(info).toEqual({ name, version: 'tfjs 4.22.0', device: 'cpu', why: 'asked for by name' })
    expect(tf.getBackend()).toBe(name)
  })
  it('says why it took what it took', async () => {
    const { info } = await openBackend({ device: 'any' })
    expect(info.why).toMatch(/^the best that is here/)
    if (info.name !== 'tensorflow') expect(info.why).toContain('tensorflow: ')
  })
  it.each(['cpu', 'wasm'] as const)('refuses %s when a GPU is asked for', async (prefer) => {
    const error = await openBackend({ prefer, device: 'gpu' }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'DEVICE_MISSING', facts: { found: `${prefer}: runs on the CPU only` } })
  })
  it('never calls a CPU a GPU', async () => {
    const opened = await openBackend({ device: 'gpu' }).catch((reason) => reason)
    if (isFailure(opened)) expect(opened.code).toBe('DEVICE_MISSING')
    else expect(opened.info.device).toBe('gpu')
  })
})

describe.each(OTHERS)('the backend $name', ({ name, here }) => {
  it.skipIf(!here)('trains as cpu does', async () => {
    const expected = await trainOn('cpu', 0) // each backend draws its own noise
    const found = await trainOn(name, 0)
    const differences = found.map((value, i) => Math.abs(value - expected[i]!))
    expect(Math.max(...differences)).toBeLessThan(1e-4)
  })
  it.skipIf(!here)('repeats itself bit for bit', async () => {
    expect(await trainOn(name, 0.2)).toEqual(await trainOn(name, 0.2))
  })
})

describe('the wasm backend', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('multiplies matrices transposed %s and %s', async (transposeA, transposeB) => {
    const { tf } = await openBackend({ prefer: 'wasm', device: 'any' })
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], transposeA ? [2, 3] : [3, 2])
    const b = tf.tensor2d([7, 8, 9, 10, 11, 12, 13, 14], transposeB ? [4, 2] : [2, 4])
    const product = tf.matMul(a, b, transposeA, transposeB)
    const left = transposeA ? a.arraySync()[0]!.map((_, i) => a.arraySync().map((row) => row[i]!)) : a.arraySync()
    const right = transposeB ? b.arraySync() : b.arraySync()[0]!.map((_, i) => b.arraySync().map((row) => row[i]!))
    const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
    expect(product.arraySync()).toEqual(left.map((row) => right.map((column) => dot(row, column))))
  })
})
