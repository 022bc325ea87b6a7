// relu with a gradient of one or two operations instead of tfjs's step(), which builds constants on the JavaScript side each time.
import type { Tensor } from '@tensorflow/tfjs'
import { executeTyped, nativeBackend } from '../backends/native.ts'
import type { Tf } from '../tf.ts'

/** max(z, 0); gradient 1 where z > 0, else 0 */
export function reluOf(tf: Tf): <T extends Tensor>(z: T) => T {
  const slope = tf.getBackend() === 'tensorflow' ? nativeSlope(tf) : plainSlope(tf)
  return tf.customGrad((z, save) => {
    const y = tf.relu(z as Tensor)
    ;(save as (tensors: Tensor[]) => void)([y])
    return { value: y, gradFunc: (dy: Tensor, saved: Tensor[]) => slope(dy, saved[0]!) }
  }) as <T extends Tensor>(z: T) => T
}

type Slope = (dy: Tensor, y: Tensor) => Tensor

/** y ≥ 0, so its sign is 0 or 1 */
const plainSlope =
  (tf: Tf): Slope =>
  (dy, y) =>
    tf.mul(dy, tf.sign(y))

function nativeSlope(tf: Tf): Slope {
  const backend = nativeBackend(tf)
  return (dy, y) => executeTyped(backend, 'ReluGrad', [dy, y])
}
