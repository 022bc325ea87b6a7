// The loss on rows that training never sees, computed in a fixed order.
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'
import type { Matrix } from './batches.ts'

/** rows per forward pass */
const CHUNK = 2048

/** The numbers of rows that occur in a pass over `rows` rows. */
export function chunkSizes(rows: number): number[] {
  return [...new Set([Math.min(rows, CHUNK), rows % CHUNK])].filter((size) => size > 0)
}

/** Mean of `lossOfChunk` (itself the mean over x [rows, width] and y [rows]) over all rows. */
export async function meanLoss(
  tf: Tf,
  { rows, width, inputs, labels }: Matrix,
  lossOfChunk: (x: Tensor2D, y: Tensor1D) => Scalar,
): Promise<number> {
  let sum = 0
  for (let start = 0; start < rows; start += CHUNK) {
    const end = Math.min(start + CHUNK, rows)
    const x = tf.tensor2d(inputs.subarray(start * width, end * width), [end - start, width])
    const y = tf.tensor1d(labels.subarray(start, end))
    const mean = lossOfChunk(x, y)
    sum += (await mean.data())[0]! * (end - start)
    tf.dispose([x, y, mean])
  }
  return sum / rows
}
