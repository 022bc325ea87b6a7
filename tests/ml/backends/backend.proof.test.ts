// A backend that computes wrongly is found out before it is used.
import type { Tensor, Tensor2D, TensorInfo } from '@tensorflow/tfjs'
import { describe, expect, it, test } from 'vitest'
import { openBackend } from '../../../ml/backend.ts'
import { proveBackend } from '../../../ml/backends/proof.ts'
import type { Tf } from '../../../ml/tf.ts'

const { tf } = await openBackend({ prefer: 'cpu', device: 'any' })

/** tfjs with another product: of matrices [rows, inner] and [inner, columns]. */
function withProduct(matMul: (a: Tensor2D, b: Tensor2D) => Tensor): Tf {
  return { ...tf, matMul: matMul as Tf['matMul'] }
}

/** Runs `work` while the cpu backend's products are one off at index 3. */
async function withWrongKernel(work: () => Promise<void>): Promise<void> {
  const right = tf.getKernel('BatchMatMul', 'cpu')
  tf.unregisterKernel('BatchMatMul', 'cpu')
  tf.registerKernel({
    ...right,
    kernelFunc: (call) => {
      const product = right.kernelFunc(call) as TensorInfo
      const values = tf.backend().readSync(product.dataId) as Float32Array
      values[3]! += 1
      return product
    },
  })
  try {
    await work()
  } finally {
    tf.unregisterKernel('BatchMatMul', 'cpu')
    tf.registerKernel(right)
  }
}

test('a backend that computes wrongly is refused', async () => {
  await withWrongKernel(async () => {
    const refused = await openBackend({ prefer: 'cpu', device: 'any' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'DEVICE_MISSING',
      facts: {
        found: expect.stringMatching(/^cpu: the matrix product of a test is wrong: expected -?\d+ at 3, found/),
      },
    })
  })
  await openBackend({ prefer: 'cpu', device: 'any' })
})

describe('proveBackend', () => {
  it('accepts exact arithmetic and keeps nothing', async () => {
    const before = tf.memory().numTensors
    expect(await proveBackend(tf)).toBeUndefined()
    expect(tf.memory().numTensors).toBe(before)
  })
  it('finds one wrong number in a product', async () => {
    const spoiled = withProduct((a, b) => {
      const at = tf.oneHot(tf.tensor1d([777], 'int32'), a.shape[0] * b.shape[1])
      return tf.add(tf.matMul(a, b), tf.reshape(tf.cast(at, 'float32'), [a.shape[0], b.shape[1]]))
    })
    expect(await proveBackend(spoiled)).toMatch(/^the matrix product of a test is wrong: expected -?\d+ at 777, found /)
  })
  it.each([
    ['left', 0],
    ['right', 1],
  ] as const)('finds a wrong gradient of the %s matrix', async (side, index) => {
    const spoiled = withProduct((a, b) =>
      tf.customGrad((x, y) => ({
        value: tf.matMul(x as Tensor2D, y as Tensor2D),
        gradFunc: (dy: Tensor) => {
          const gradients = [tf.matMul(dy as Tensor2D, b, false, true), tf.matMul(a, dy as Tensor2D, true, false)]
          return gradients.map((gradient, i) => (i === index ? tf.add(gradient, 1) : gradient))
        },
      }))(a, b),
    )
    expect(await proveBackend(spoiled)).toMatch(new RegExp(`^the gradient of the ${side} matrix of a test is wrong`))
  })
})
