// The loss on rows that training never sees, computed in a fixed order.
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'
import type { Matrix } from './batches.ts'
import { needOfPass, outOfMemory } from './out-of-memory.ts'

/** rows per forward pass */
const CHUNK = 2048
/** logits of a forward pass: 32 MiB, and as much again for each operation on them */
const MAX_LOGITS = 1 << 23

/** The numbers of rows that occur in a pass over all rows. */
export function chunkSizes({ rows, passRows = CHUNK }: Pick<Matrix, 'rows' | 'passRows'>): number[] {
  return [...new Set([Math.min(rows, passRows), rows % passRows])].filter((size) => size > 0)
}

/** Rows per forward pass when a row has so many logits. */
export function passRowsOf(logitsPerRow: number): number {
  return Math.min(CHUNK, Math.max(1, Math.floor(MAX_LOGITS / logitsPerRow)))
}

/** Mean of `lossOfChunk` (itself the mean over x [rows, width] and y [rows]) over all rows. Throws OUT_OF_MEMORY. */
export async function meanLoss(
  tf: Tf,
  { rows, width, inputs, labels, passRows = CHUNK }: Matrix,
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
