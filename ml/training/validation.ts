// The loss on rows that training never sees, computed in a fixed order.
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { needOfPass, outOfMemory } from '../out-of-memory.ts'
import type { Tf } from '../tf.ts'
import { type Matrix, PASS_ROWS } from './input/matrix.ts'

/** Mean of `lossOfChunk` (itself the mean over x [rows, width] and y [rows]) over all rows. Throws OUT_OF_MEMORY. */
export async function meanLoss(
  tf: Tf,
  { rows, width, inputs, labels, passRows = PASS_ROWS }: Matrix,
  lossOfChunk: (x: Tensor2D, y: Tensor1D) => Scalar,
): Promise<number> {
  let sum = 0
  for (let start = 0; start < rows; start += passRows) {
    const end = Math.min(start + passRows, rows)
    const x = tf.tensor2d(inputs.subarray(start * width, end * width), [end - start, width])
    const y = tf.tensor1d(labels.subarray(start, end))
    try {
      const mean = lossOfChunk(x, y)
      sum += (await mean.data())[0]! * (end - start)
      mean.dispose()
    } catch (error) {
      throw outOfMemory(error, needOfPass(end - start)) ?? error
    } finally {
      tf.dispose([x, y])
    }
  }
  return sum / rows
}
