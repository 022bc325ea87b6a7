// Proves that a backend computes: a matrix product and its gradients in whole numbers so small that no arithmetic may round them.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

/** Large enough that vectorised and tiled kernels take their fast path and their remainder. */
const [ROWS, INNER, COLUMNS] = [35, 67, 41] as const

/** Whole numbers in [-4, 4], exact even in the 10 bits of NVIDIA's TF32; their sums stay below 2^24. */
function wholeNumbers(length: number, stride: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * stride + (i >> 3)) % 9) - 4)
}

const LEFT = wholeNumbers(ROWS * INNER, 5)
const RIGHT = wholeNumbers(INNER * COLUMNS, 7)
const WEIGHTS = wholeNumbers(ROWS * COLUMNS, 2)

/**
 * Computes P = A·B and the gradients of Σ W∘P, which are W·Bᵀ and Aᵀ·W, on the active backend.
 * → undefined when every number is exactly right, else in words what is wrong.
 */
export async function proveBackend(tf: Tf): Promise<string | undefined> {
  for (const { what, tensor, expected } of compute(tf)) {
    const found = await tensor.data()
    tensor.dispose()
    const wrong = expected.findIndex((value, i) => found[i] !== value)
    if (wrong >= 0)
      return `the ${what} of a test is wrong: expected ${expected[wrong]} at ${wrong}, found ${found[wrong]}`
  }
  return undefined
}

interface Result {
  readonly what: string
  readonly tensor: Tensor
  readonly expected: readonly number[]
}

function compute(tf: Tf): Result[] {
  const [product, ofLeft, ofRight] = tf.tidy(() => {
    const a = tf.tensor2d(LEFT, [ROWS, INNER])
    const b = tf.tensor2d(RIGHT, [INNER, COLUMNS])
    const weights = tf.tensor2d(WEIGHTS, [ROWS, COLUMNS])
    const multiply = (x: Tensor, y: Tensor): Tensor => tf.matMul(x as Tensor2D, y as Tensor2D)
    const gradients = tf.grads((x, y) => tf.sum(tf.mul(multiply(x!, y!), weights)))([a, b])
    return [multiply(a, b), ...gradients]
  }) as [Tensor, Tensor, Tensor]
  const at = (array: Float32Array, index: number): number => array[index]!
  return [
    {
      what: 'matrix product',
      tensor: product,
      expected: sums([ROWS, COLUMNS, INNER], (i, j, k) => at(LEFT, i * INNER + k) * at(RIGHT, k * COLUMNS + j)),
    },
    {
      what: 'gradient of the left matrix',
      tensor: ofLeft,
      expected: sums([ROWS, INNER, COLUMNS], (i, j, k) => at(WEIGHTS, i * COLUMNS + k) * at(RIGHT, j * COLUMNS + k)),
    },
    {
      what: 'gradient of the right matrix',
      tensor: ofRight,
      expected: sums([INNER, COLUMNS, ROWS], (i, j, k) => at(LEFT, k * INNER + i) * at(WEIGHTS, k * COLUMNS + j)),
    },
  ]
}

/** [rows · columns] sums over k of `term`, row by row: the obvious loop. */
function sums(
  [rows, columns, inner]: readonly [number, number, number],
  term: (i: number, j: number, k: number) => number,
): number[] {
  return Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0
    for (let k = 0; k < inner; k++) sum += term(Math.floor(at / columns), at % columns, k)
    return sum
  })
}
