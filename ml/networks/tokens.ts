// Rows of token ids as inputs and targets: position t sees the ids up to t and is to say the id at t + 1.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

/** What the data decide. */
export interface SequenceSizes {
  /** token ids per row: context + 1 */
  readonly inputs: number
  /** how many different ids there are */
  readonly tokens: number
}

/** x [rows, context + 1] → ids of the first `context` positions, int32 [rows, context] */
export function inputIds(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.cast(tf.slice(x, [0, 0], [-1, x.shape[1] - 1]), 'int32')
}

/** x [rows, context + 1] → the next id of every position, row by row, [rows × context] */
export function nextIds(tf: Tf, x: Tensor2D): Tensor1D {
  return tf.reshape(tf.slice(x, [0, 1], [-1, x.shape[1] - 1]), [-1])
}

/** ids [rows, positions] → position by position, [positions × rows] */
export function timeMajor(tf: Tf, ids: Tensor2D): Tensor1D {
  return tf.reshape(tf.transpose(ids), [-1])
}

/** [positions, rows, width] → row by row, [rows × positions, width] */
export function rowMajor(tf: Tf, h: Tensor): Tensor2D {
  return tf.reshape(tf.transpose(h, [1, 0, 2]), [-1, h.shape[2]!])
}
