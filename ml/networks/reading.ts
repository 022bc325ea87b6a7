// What a network that reads a sequence says of one more token.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import type { ByName } from './parts.ts'

/** How a network reads one more token, in tensor operations only, so that it can be traced. */
export interface Reading {
  /** positions that a state can hold; null: any number */
  readonly context: number | null
  /** shapes of the state of `rows` texts of which `position` tokens were read */
  state(rows: number, position: number): number[][]
  /** Reads `ids` [rows]; `position` [1]: tokens that were read before. Both int32. → logits [rows, tokens] and the state after it */
  step(
    tf: Tf,
    weight: ByName,
    read: { readonly ids: Tensor1D; readonly position: Tensor1D; readonly state: readonly Tensor[] },
  ): { readonly logits: Tensor2D; readonly state: readonly Tensor[] }
}
