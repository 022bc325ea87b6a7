// The gradient kernels that sluice adds to tfjs or corrects equal the obvious loops, for images and windows of any size.

import type { Tensor4D } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { openBackend } from '../../ml/backend.ts'
import { sizeOf } from '../../ml/operations/shape.ts'
import type { Tf } from '../../ml/tf.ts'
import { CHAIN, largestDifference, rounding } from './tolerance.ts'

type Shape = [number, number, number, number]

interface Case {
  readonly image: Shape
  readonly window: [number, number]
  readonly stride: number
  readonly pad: 'same' | 'valid'
  readonly seed: number
}

/** Images at least as large as the window, so that `valid` has an output. */
const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  .chain(([height, width]) =>
    fc.record({
      image: fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: height, max: 7 }),
        fc.integer({ min: width, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
      ),
      window: fc.constant<[number, number]>([height, width]),
      stride: fc.integer({ min: 1, max: 3 }),
      pad: fc.constantFrom('same', 'valid'),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
    }),
  )

/** In [-3, 0): max pooling of negative numbers is what tfjs's own kernel gets wrong. */
function negative(length: number, seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length }, () => random() * 3 - 3)
}

/** Calls `visit` for each output cell with the image cells of its window: flat indices for channel 0. */
function eachWindow(
  tf: Tf,
  { image, window, stride, pad }: Case,
  visit: (cells: number[], output: number) => void,
): void {
  const pool = tf.backend_util.computePool2DInfo(image, window, stride, 1, pad)
  const { batchSize, outHeight, outWidth, inHeight, inWidth, padInfo } = pool
  for (let output = 0; output < batchSize * outHeight * outWidth; output++) {
    const [batch, rest] = [Math.floor(output / (outHeight * outWidth)), output % (outHeight * outWidth)]
    const cells: number[] = []
    for (let i = 0; i < window[0]; i++) {
      for (let j = 0; j < window[1]; j++) {
        const row = Math.floor(rest / outWidth) * stride - padInfo.top + i
        const column = (rest % outWidth) * stride - padInfo.left + j
        const inside = row >= 0 && row < inHeight && column >= 0 && column < inWidth
        cells.push(inside ? (batch * inHeight + row) * inWidth + column : -1)
      }
    }
    visit(cells, output)
  }
}

/** Gradient of Σ weights ∘ pool(x): `share` gives each cell inside the image its part of the weight. */
function poolGradient(
  tf: Tf,
  one: Case,
  { weights, share }: { weights: Float32Array; share: (indices: number[]) => number[] },
): Float32Array {
  const channels = one.image[3]
  const gradient = new Float32Array(sizeOf(one.image))
  eachWindow(tf, one, (cells, output) => {
    for (let channel = 0; channel < channels; channel++) {
      const indices = cells.filter((cell) => cell >= 0).map((cell) => cell * channels + channel)
      const shares = share(indices)
      indices.forEach((index, i) => {
        gradient[index]! += shares[i]! * weights[output * channels + channel]!
      })
    }
  })
  return gradient
}

function outputShape(tf: Tf, { image, window, stride, pad }: Case, filters = image[3]): Shape {
  const { outHeight, outWidth } = tf.backend_util.computePool2DInfo(image, window, stride, 1, pad)
  return [image[0], outHeight, outWidth, filters]
}

/** At most 98 cells meet in a sum. */
function expectClose(found: ArrayLike<number>, expected: Float32Array): void {
  expect(largestDifference(found, expected)).toBeLessThan(rounding(CHAIN.operation))
}

describe.each(['cpu', 'wasm'] as const)('on %s', (prefer) => {
  it('max pooling sends to the first largest', async () => {
    const { tf } = await openBackend({ prefer, device: 'any' })
    fc.assert(
      fc.property(cases, (one) => {
        const values = negative(sizeOf(one.image), one.seed)
        const weights = negative(sizeOf(outputShape(tf, one)), one.seed + 1)
        const share = (indices: number[]): number[] => {
          const largest = Math.max(...indices.map((index) => values[index]!))
          const first = indices.findIndex((index) => values[index] === largest)
          return indices.map((_, i) => (i === first ? 1 : 0))
        }
        const found = tf.tidy(() => {
          const pool = (x: Tensor4D): Tensor4D => tf.maxPool(x, one.window, one.stride, one.pad)
          return tf
            .grad((x) => pool(x as Tensor4D))(
              tf.tensor4d(values, one.image),
              tf.tensor4d(weights, outputShape(tf, one)),
            )
            .dataSync()
        })
        expectClose(found, poolGradient(tf, one, { weights, share }))
      }),
    )
  })
  it('average pooling divides by cells inside', async () => {
    const { tf } = await openBackend({ prefer, device: 'any' })
    fc.assert(
      fc.property(cases, (one) => {
        const weights = negative(sizeOf(outputShape(tf, one)), one.seed)
        const share = (indices: number[]): number[] => indices.map(() => 1 / indices.length)
        const found = tf.tidy(() => {
          const pool = (x: Tensor4D): Tensor4D => tf.avgPool(x, one.window, one.stride, one.pad)
          return tf
            .grad((x) => pool(x as Tensor4D))(tf.zeros(one.image), tf.tensor4d(weights, outputShape(tf, one)))
            .dataSync()
        })
        expectClose(found, poolGradient(tf, one, { weights, share }))
      }),
    )
  })
  it('a filter meets all its cells', async () => {
    const { tf } = await openBackend({ prefer, device: 'any' })
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 2 }), (one, filters) => {
        const channels = one.image[3]
        const filterShape: Shape = [...one.window, channels, filters]
        const values = negative(sizeOf(one.image), one.seed)
        const shape = outputShape(tf, one, filters)
        const weights = negative(sizeOf(shape), one.seed + 1)
        const expected = new Float32Array(sizeOf(filterShape))
        eachWindow(tf, one, (cells, output) => {
          cells.forEach((cell, at) => {
            for (let of = 0; cell >= 0 && of < channels * filters; of++) {
              const [channel, filter] = [Math.floor(of / filters), of % filters]
              expected[at * channels * filters + of]! +=
                values[cell * channels + channel]! * weights[output * filters + filter]!
            }
          })
        })
        const found = tf.tidy(() => {
          const image = tf.tensor4d(values, one.image)
          const convolve = (filter: Tensor4D): Tensor4D => tf.conv2d(image, filter, one.stride, one.pad)
          return tf
            .grad((filter) => convolve(filter as Tensor4D))(tf.zeros(filterShape), tf.tensor4d(weights, shape))
            .dataSync()
        })
        expectClose(found, expected)
      }),
    )
  })
})
