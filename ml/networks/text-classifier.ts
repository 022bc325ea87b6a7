// Token ids of a text → scores: an embedding for each token, one vector for all of them, dense layers.
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs'
import type { TextClassifierSpec } from '../../schemas/networks.ts'
import type { Network, WeightSpec } from '../network.ts'
import { embed } from '../operations/embedding.ts'
import { reluOf } from '../operations/relu.ts'
import type { Tf } from '../tf.ts'
import { applyDense, type ByName, byName, dense, NEVER } from './parts.ts'

/** Rows of token ids; id 0 is padding and counts for nothing. A text of padding alone has a vector of zeros. */
export function textClassifier(
  spec: TextClassifierSpec,
  { inputs, outputs, tokens }: { inputs: number; outputs: number; tokens: number },
): Network {
  const units = [spec.embedding, ...spec.hidden, outputs]
  const layers = units.slice(1).map((_, i) => String(i))
  const weights = [
    ...embeddingWeights(spec, tokens),
    ...layers.flatMap((layer, i) => dense(layer, units[i]!, units[i + 1]!)),
  ]
  return {
    inputs,
    outputs,
    examplesPerRow: 1,
    weights,
    averages: [],
    forward(tf, { weights: tensors, x, noise }) {
      const weight = byName(weights, tensors)
      const relu = reluOf(tf)
      const ids = tf.reshape(tf.cast(x, 'int32'), [-1]) as Tensor1D
      const table = weight('embedding/table') as Tensor2D
      const embedded = tf.reshape(embed(tf, table, ids), [-1, inputs, spec.embedding]) as Tensor3D
      let h = poolingOf(tf, spec, weight)(embedded, tf.sign(x)) // ids are 0 or above: 1 for a token, 0 for padding
      layers.forEach((layer, i) => {
        if (noise !== undefined) h = noise.dropout(h, spec.dropout)
        h = applyDense(tf, weight, layer, h)
        if (i < layers.length - 1) h = relu(h)
      })
      return { logits: h, averages: [] }
    },
  }
}

function embeddingWeights({ embedding, pooling }: TextClassifierSpec, tokens: number): WeightSpec[] {
  const table: WeightSpec = {
    name: 'embedding/table',
    shape: [tokens, embedding],
    initial: { kind: 'uniform', limit: 0.05 },
  }
  if (pooling === 'mean') return [table]
  const initial = { kind: 'glorotUniform', fanIn: embedding, fanOut: 1 } as const
  return [table, { name: 'attention/query', shape: [embedding, 1], initial }]
}

/** embedded [rows, positions, embedding], present [rows, positions] of 0 and 1 → [rows, embedding] */
type Pooling = (embedded: Tensor3D, present: Tensor) => Tensor2D

function poolingOf(tf: Tf, { pooling }: TextClassifierSpec, weight: ByName): Pooling {
  const weighted = (embedded: Tensor3D, shares: Tensor): Tensor2D => {
    const [, positions, width] = embedded.shape
    return tf.reshape(tf.matMul(tf.reshape(shares, [-1, 1, positions]), embedded), [-1, width])
  }
  if (pooling === 'mean') {
    return (embedded, present) => weighted(embedded, tf.div(present, tf.maximum(tf.sum(present, 1, true), 1)))
  }
  return (embedded, present) => {
    const flat = tf.reshape(embedded, [-1, embedded.shape[2]]) as Tensor2D
    const scores = tf.reshape(tf.matMul(flat, weight('attention/query') as Tensor2D), [-1, embedded.shape[1]])
    const shares = tf.softmax(tf.add(scores, tf.mul(tf.sub(1, present), NEVER))) as Tensor
    return weighted(embedded, tf.mul(shares, present)) // nothing of a text that is padding alone
  }
}
