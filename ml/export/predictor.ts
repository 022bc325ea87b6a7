// A packaged model as one function of a tensor: what every export format is made from.

import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { PADDING_ID } from '../../core/tokens.ts'
import { failure } from '../../schemas/failures.ts'
import { unpackTensors } from '../model/tensor-file.ts'
import type { Weight, WeightSpec } from '../network.ts'
import { type Architecture, openNetwork } from '../networks/open.ts'
import { applyHead, type Head } from '../operations/head.ts'
import { isSameShape } from '../operations/shape.ts'
import type { Tf } from '../tf.ts'

export interface Predictor {
  /** float32 values of a row */
  readonly inputs: number
  /** x [rows, inputs] → [rows, outputs]: probabilities or values. Tensor operations only, so that it can be traced. */
  predict(x: Tensor2D): Tensor2D
  dispose(): void
}

/** Reads what packModel wrote. `projectDir`: where a network of the user's own is; default: the working directory. Throws MODEL_INVALID for other bytes and for weights that do not fit the architecture. */
export async function openPredictor(tf: Tf, bytes: Uint8Array, projectDir?: string): Promise<Predictor> {
  const { meta, tensors } = unpackTensors(bytes, 'weights')
  const { architecture, head } = meta as { architecture: Architecture; head: Head }
  const network = await openNetwork(architecture, projectDir)
  const upload = (specs: readonly WeightSpec[]): Tensor[] =>
    specs.map((spec) => {
      const { values, shape } = tensorOf(spec, tensors)
      return tf.tensor(values, [...shape])
    })
  const weights = upload(network.weights)
  const averages = upload(network.averages)
  return {
    inputs: network.inputs,
    predict(x) {
      const { logits } = network.forward(tf, { weights, averages, x })
      return applyHead(tf, head, network.targets === undefined ? logits : afterLastToken(tf, x, logits))
    },
    dispose: () => tf.dispose([...weights, ...averages]),
  }
}

function tensorOf({ name, shape }: WeightSpec, tensors: readonly Weight[]): Weight {
  const found = tensors.find((tensor) => tensor.name === name)
  if (found !== undefined && isSameShape(found.shape, shape)) return found
  throw failure('MODEL_INVALID', {
    model: `weight ${name}`,
    expected: `shape ${JSON.stringify(shape)}`,
    found: found === undefined ? 'none' : found.shape,
  })
}

/** Scores of every position, [rows × context, outputs] → those behind each row's last token, [rows, outputs]. */
function afterLastToken(tf: Tf, x: Tensor2D, logits: Tensor2D): Tensor2D {
  const [rows, inputs] = x.shape
  const [context, outputs] = [inputs - 1, logits.shape[1]]
  const isToken = tf.cast(tf.notEqual(tf.slice(x, [0, 0], [rows, context]), PADDING_ID), 'float32')
  const last = tf.max(tf.mul(isToken, tf.range(0, context)), 1) // a row of padding alone is the beginning of a text
  const chosen = tf.reshape(tf.oneHot(tf.cast(last, 'int32'), context), [rows, 1, context])
  const positions = tf.reshape(logits, [rows, context, outputs])
  return tf.reshape(tf.matMul(tf.cast(chosen, 'float32'), positions), [rows, outputs])
}
