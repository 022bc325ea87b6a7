// Values leave a scope of tensors without the scope looking at each of them.
import type { Tensor } from '@tensorflow/tfjs'
import { expect, it } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { valuesOf } from '../../../ml/operations/values-of.ts'
import type { Tf } from '../../../ml/tf.ts'

it('reads the values and frees what lies between', async () => {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
  const before = tf.memory().numTensors
  expect([...valuesOf(tf, () => tf.add(tf.square(x), tf.scalar(1)))]).toEqual([2, 5, 10, 17])
  expect(tf.memory().numTensors).toBe(before)
  x.dispose()
})

it('gives the scope a tensor to look through, not its values', async () => {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })
  const lookedThrough: unknown[] = []
  const tidy = (compute: () => Tensor) => {
    const result = tf.tidy(compute)
    lookedThrough.push(result)
    return result
  }
  const watched = Object.create(tf, { tidy: { value: tidy } }) as Tf
  expect([...valuesOf(watched, () => tf.range(0, 3))]).toEqual([0, 1, 2])
  expect(lookedThrough).toEqual([expect.any(tf.Tensor)])
})
