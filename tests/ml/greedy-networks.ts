// Networks that ask for more memory than a process can address.
import type { Tensor2D } from '@tensorflow/tfjs'
import { nativeBackend } from '../../ml/backends/native.ts'
import type { Network } from '../../ml/network.ts'

/** a product of so many rows and columns has 256 TB, so that it is refused at once and nothing is touched */
export const IMPOSSIBLE = 8_000_000

/** A linear network that asks for an impossible tensor `when` it is so. */
export function greedy(inputs: number, when: (training: boolean) => boolean): Network {
  const weights = [
    { name: '0/kernel', shape: [inputs, 3], initial: { kind: 'constant', value: 0.1 } },
  ] as const satisfies Network['weights']
  return {
    inputs,
    outputs: 3,
    examplesPerRow: 1,
    weights,
    averages: [],
    forward(tf, { weights: [kernel], x, noise }) {
      const logits = tf.matMul<Tensor2D>(x, kernel as Tensor2D)
      if (!when(noise !== undefined)) return { logits, averages: [] }
      const column = tf.tile(tf.slice(logits, [0, 0], [1, 1]), [IMPOSSIBLE, 1]) // [n, 1]
      return { logits: tf.add<Tensor2D>(logits, tf.sum(tf.matMul(column, column, false, true))), averages: [] }
    },
  }
}

/** A network that asks for as many rows and columns as its inputs say, so that a graph of it can be made before it asks for too many. */
export function swelling(inputs: number): Network {
  const modest = greedy(inputs, () => false)
  return {
    ...modest,
    forward(tf, pass) {
      const backend = nativeBackend(tf)
      const { binding } = backend
      const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value })
      const dims = tf.cast(tf.reshape(tf.slice(pass.x, [0, 0], [1, 2]), [2]), 'int32')
      const types = [type('T', binding.TF_FLOAT), type('index_type', binding.TF_INT32)]
      const filled = backend.executeSingleOutput('Fill', types, [dims, tf.scalar(0)])
      const { logits } = modest.forward(tf, pass)
      return { logits: tf.add<Tensor2D>(logits, tf.sum(filled)), averages: [] }
    },
  }
}
