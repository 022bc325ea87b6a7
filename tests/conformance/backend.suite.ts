// What every backend must compute: operations, layers, losses and optimizers as TensorFlow and Keras do, and gradients that are true.
import { describe, expect, it, test } from 'vitest'
import { openBackend } from '../../ml/backend.ts'
import type { DeviceWish } from '../../ml/backends/loaded.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { BackendName } from '../../schemas/model.ts'
import { expectGradients, expectValue, type Forward, golden, goldenCases, type Judged, TOLERANCE } from './golden.ts'
import { LAYERS } from './layers.ts'
import { LOSS_NAMES, lossForward } from './losses.ts'
import { OPS } from './ops.ts'
import { expectSteps, OPTIMIZERS } from './optimizers.ts'

/** A backend, and how exactly it must compute. */
type Computing = Omit<Judged, 'forward'>

/** Registers the tests of one backend; where it cannot be opened, one skipped test that says why. */
export async function describeBackend(
  prefer: BackendName,
  { device = 'any' }: { device?: DeviceWish } = {},
): Promise<void> {
  const opened = await openBackend({ prefer, device }).catch((error: unknown) => {
    if (isFailure(error, 'DEVICE_MISSING')) return error
    throw error
  })
  if (isFailure(opened)) {
    test.skip(`no ${prefer} here: ${opened.facts.found}`, () => {})
    return
  }
  const { tf, info } = opened
  const computing = { tf, tolerance: TOLERANCE[info.device] }
  const tensorsBefore = tf.memory().numTensors
  describe(`${info.name}, ${info.version}, ${info.deviceName}`, () => {
    describeForwards(computing, { group: 'ops', forwards: OPS })
    describeForwards(computing, { group: 'layers', forwards: LAYERS })
    describeLosses(computing)
    describeOptimizers(computing)
    test('reads at once what it computed', async () => {
      const product = tf.tidy(() => tf.matMul(tf.range(0, 6).reshape([2, 3]), tf.range(6, 12).reshape([3, 2])))
      expect([...product.dataSync()]).toEqual([28, 31, 100, 112])
      expect([...(await product.data())]).toEqual([28, 31, 100, 112])
      const isLess = tf.tidy(() => tf.less(product, 50))
      expect([...isLess.dataSync()]).toEqual([1, 1, 0, 0])
      tf.dispose([product, isLess])
    })
    test('nothing is left behind', () => {
      expect(tf.memory().numTensors).toBe(tensorsBefore)
    })
  })
}

function describeForwards(
  computing: Computing,
  { group, forwards }: { group: string; forwards: Readonly<Record<string, Forward>> },
): void {
  const cases = goldenCases(group)
  test(`${group}: every golden case has its code`, () => {
    expect(Object.keys(forwards).sort()).toEqual(cases.map(([title]) => title).sort())
  })
  describe(group, () => {
    it.each(cases)('computes %s', (title, golden) => expectValue({ ...computing, forward: forwards[title]! }, golden))
    it.each(cases)('derives %s', (title, golden) =>
      expectGradients({ ...computing, forward: forwards[title]! }, golden),
    )
  })
}

function describeLosses(computing: Computing): void {
  const cases = goldenCases('losses')
  test('losses: every golden case has its code', () => {
    expect(LOSS_NAMES).toEqual(cases.map(([title]) => title))
  })
  describe('losses', () => {
    it.each(cases)('computes and derives %s', async (title, golden) => {
      const judged = { ...computing, forward: lossForward(title, golden) }
      await expectValue(judged, golden)
      await expectGradients(judged, golden)
    })
  })
}

function describeOptimizers(computing: Computing): void {
  test('optimizers: every golden case has its code', () => {
    expect(OPTIMIZERS).toEqual(Object.keys(golden<{ cases: object }>('optimizers').cases))
  })
  describe('optimizers', () => {
    it.each(OPTIMIZERS)('takes the steps of Keras with %s', (name) => expectSteps(computing, name))
  })
}
