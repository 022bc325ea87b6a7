// A bias per channel, as TensorFlow's own operation where there is one: its graph optimiser merges that with the product before it, and its gradient is one sum.
import type { Tensor, Tensor1D } from '@tensorflow/tfjs'
import { executeTyped, nativeBackend } from '../backends/native.ts'
import type { Tf } from '../tf.ts'

/** x [..., channels] + bias [channels] */
export function addBias<T extends Tensor>(tf: Tf, x: T, bias: Tensor): T {
  if (tf.getBackend() !== 'tensorflow') return tf.add(x, bias)
  const backend = nativeBackend(tf)
  return tf.customGrad((values, offsets) => ({
    value: executeTyped(backend, 'BiasAdd', [values as Tensor, offsets as Tensor]),
    gradFunc: (dy: Tensor) => [dy, executeTyped(backend, 'BiasAddGrad', [dy]) as Tensor1D],
  }))(x, bias) as T
}
