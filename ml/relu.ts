// relu with a gradient of two operations instead of tfjs's step(), which builds constants on the JavaScript side each time.
import type { Tensor } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'

/** max(z, 0); gradient 1 where z > 0, else 0 */
export function reluOf(tf: Tf): <T extends Tensor>(z: T) => T {
  return tf.customGrad((z, save) => {
    const y = tf.relu(z as Tensor)
    ;(save as (tensors: Tensor[]) => void)([y])
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.sign(saved[0]!)), // y ≥ 0, so its sign is 0 or 1
    }
  }) as <T extends Tensor>(z: T) => T
}
