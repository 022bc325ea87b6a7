// Embedding lookup with a gradient that can be traced.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import { lookUp } from './look-up.ts'

/** table [tokens, width], ids [n] int32 → [n, width]. For which ids: see lookUp. The gradient adds the rows of equal ids. */
export function embed(tf: Tf, table: Tensor2D, ids: Tensor1D): Tensor2D {
  const [tokens, width] = table.shape
  return tf.customGrad((rows, save) => {
    ;(save as (tensors: Tensor[]) => void)([ids])
    return {
      value: lookUp(tf, rows as Tensor2D, ids),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        tf.unsortedSegmentSum(tf.reshape(dy, [-1, width]), saved[0] as Tensor1D, tokens),
    }
  })(table) as Tensor2D
}
