// Rows of a table by their index, in a way that can be traced: tfjs's gather reads its indices back into JavaScript to check them.
import type { Tensor } from '@tensorflow/tfjs'
import { nativeBackend, typeNumberOf } from '../backends/native.ts'
import type { Tf } from '../tf.ts'

/**
 * table [n, …] of float32 or int32, indices int32 of any shape → [...indices, …]. Indices must lie in [0, n); on `tensorflow` the library
 * refuses others on a processor and takes zeros on a GPU.
 */
export function lookUp(tf: Tf, table: Tensor, indices: Tensor): Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.gather(table, indices as never)
  const backend = nativeBackend(tf)
  const { binding } = backend
  const attributes = [
    { name: 'batch_dims', type: binding.TF_ATTR_INT, value: 0 },
    { name: 'Tparams', type: binding.TF_ATTR_TYPE, value: typeNumberOf(backend, table) },
    { name: 'Tindices', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    { name: 'Taxis', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ]
  return backend.executeSingleOutput('GatherV2', attributes, [table, indices, tf.scalar(0, 'int32')])
}
