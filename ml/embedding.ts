// Embedding lookup that can be traced: tfjs's gather reads its indices back into JavaScript to check them, and so breaks a graph.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'
import { nativeBackend } from './graph/native.ts'

/**
 * table [tokens, width], ids [n] int32 → [n, width]. Ids must lie in [0, tokens); on `tensorflow` the library refuses others on a
 * processor and takes zeros on a GPU. The gradient adds the rows of equal ids.
 */
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

function lookUp(tf: Tf, table: Tensor2D, ids: Tensor1D): Tensor2D {
  if (tf.getBackend() !== 'tensorflow') return tf.gather(table, ids)
  const backend = nativeBackend(tf)
  const { binding } = backend
  const attributes = [
    { name: 'batch_dims', type: binding.TF_ATTR_INT, value: 0 },
    { name: 'Tparams', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'Tindices', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    { name: 'Taxis', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ]
  return backend.executeSingleOutput('GatherV2', attributes, [table, ids, tf.scalar(0, 'int32')]) as Tensor2D
}
