// The backend that is asked for is opened, or the reason is told; all of them compute the same up to rounding, and each of them itself to the bit.
import { describe, expect, it } from 'vitest'
import { openBackend } from '../../ml/backend.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { BackendName } from '../../schemas/model.ts'
import { distanceOf } from './tolerance.ts'
import { trainedAlike, trainOn } from './train-on.ts'

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

describe('openBackend', () => {
  it.each(['cpu', 'wasm'] as const)('opens %s by name', async (name) => {
    const { tf, info } = await openBackend({ prefer: name, device: 'any' })
    expect(info).toEqual({
      name,
      version: 'tfjs 4.22.0',
      device: 'cpu',
      why: 'asked for by name',
      deviceName: expect.stringMatching(/\S, \d+ threads$/),
    })
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
  it('takes less than a GPU only where allowed', async () => {
    const { info } = await openBackend({ device: 'gpu', lessAllowed: true })
    if (info.device === 'cpu') {
      expect(info.why).toMatch(/^the best that is here; no GPU, and SLUICE_GPU_FALLBACK allows less; tensorflow: /)
      expect(info.why).toContain('; webgpu: ')
    }
    const named = await openBackend({ prefer: 'wasm', device: 'gpu', lessAllowed: true })
    const why = 'asked for by name; no GPU, and SLUICE_GPU_FALLBACK allows less; wasm: runs on the CPU only'
    expect(named.info).toMatchObject({ name: 'wasm', device: 'cpu', why })
  })
})

describe.each(OTHERS)('the backend $name', ({ name, here }) => {
  it.skipIf(!here)('trains as cpu does', async () => {
    const expected = await trainOn('cpu', 0) // each backend draws its own noise
    expect(distanceOf(await trainOn(name, 0), expected)).toBeLessThan(trainedAlike())
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
