// A bias per channel, as TensorFlow's own operation where there is one: its graph optimiser merges that with the product before it, and its gradient is one sum.
import type { Tensor, Tensor1D } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'
import { type NativeBackend, nativeBackend } from './graph/native.ts'

/** x [..., channels] + bias [channels] */
export function addBias<T extends Tensor>(tf: Tf, x: T, bias: Tensor): T {
  if (tf.getBackend() !== 'tensorflow') return tf.add(x, bias)
  const backend = nativeBackend(tf)
  return tf.customGrad((values, offsets) => ({
    value: execute(backend, 'BiasAdd', [values as Tensor, offsets as Tensor]),
    gradFunc: (dy: Tensor) => [dy, execute(backend, 'BiasAddGrad', [dy]) as Tensor1D],
  }))(x, bias) as T
}

function execute(backend: NativeBackend, op: string, inputs: Tensor[]): Tensor {
  const { binding } = backend
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }
  return backend.executeSingleOutput(op, [type], inputs)
}
