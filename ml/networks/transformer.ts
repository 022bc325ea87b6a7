// A decoder that predicts the next token: pre-norm blocks, causal attention, learnt positions, the embedding again as output.
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { TransformerSpec } from '../../schemas/networks.ts'
import type { Initializer, Network, WeightSpec } from '../network.ts'
import { embed } from '../operations/embedding.ts'
import { gelu } from '../operations/gelu.ts'
import { layerNorm } from '../operations/normalize.ts'
import type { Tf } from '../tf.ts'
import { affine, applyDense, type ByName, bias, byName, NEVER, thinned } from './parts.ts'
import type { Reading } from './reading.ts'
import { inputIds, nextIds, type SequenceSizes } from './tokens.ts'

/** units of a block's feed-forward layer, in widths */
const FEED_FORWARD = 4
/**
 * Vaswani et al. 2017 with the norms before each part and tied embeddings, as in GPT-2 (Radford et al. 2019): h += attention(norm(h)),
 * h += feedForward(norm(h)), logits = norm(h) · tableᵀ. Rows of context + 1 token ids; logits [rows × context, tokens], row by row.
 */
export function transformer(spec: TransformerSpec, { inputs, tokens }: SequenceSizes): Network {
  const context = inputs - 1
  const weights = weightsOf(spec, { context, tokens })
  return {
    inputs,
    outputs: tokens,
    examplesPerRow: context,
    weights,
    averages: [],
    forward(tf, { weights: tensors, x, noise }) {
      const weight = byName(weights, tensors)
      const ids = tf.reshape(inputIds(tf, x), [-1]) as Tensor1D
      const embedded = tf.reshape(embed(tf, weight('embedding/table') as Tensor2D, ids), [-1, context, spec.width])
      const placed = tf.add(embedded, weight('embedding/positions'))
      let h = thinned(noise, tf.reshape(placed, [-1, spec.width]) as Tensor2D, spec.dropout) // [rows × context, width]
      const mask = causalMask(tf, context)
      for (let layer = 0; layer < spec.layers; layer++) {
        const { query, key, value } = heads(tf, weight, spec, { layer, h, positions: context })
        const attended = attend(tf, {
          query,
          key,
          value,
          mask,
          dropout: (shares) => thinned(noise, shares, spec.dropout),
        })
        h = tf.add(h, thinned(noise, joined(tf, weight, layer, attended, spec), spec.dropout))
        h = tf.add(h, thinned(noise, feedForward(tf, weight, layer, h), spec.dropout))
      }
      return { logits: logitsOf(tf, weight, h), averages: [] }
    },
    targets: nextIds,
  }
}

/** The same network, one token at a time: keys and values of the positions before are kept, not computed again. */
export function transformerReading(spec: TransformerSpec, inputs: number): Reading {
  const { layers, heads: count, width } = spec
  return {
    context: inputs - 1,
    state: (rows, position) => Array.from({ length: 2 * layers }, () => [rows, count, position, width / count]),
    step(tf, weight, { ids, position, state }) {
      const token = embed(tf, weight('embedding/table') as Tensor2D, ids)
      let h = tf.add(token, embed(tf, weight('embedding/positions') as Tensor2D, position)) as Tensor2D // [rows, width]
      const cache: Tensor[] = []
      for (let layer = 0; layer < layers; layer++) {
        const now = heads(tf, weight, spec, { layer, h, positions: 1 })
        const [key, value] = [now.key, now.value].map((each, i) => tf.concat([state[2 * layer + i]!, each], 2)) as [
          Tensor,
          Tensor,
        ] // [rows, heads, position + 1, perHead]
        cache.push(key, value)
        const attended = attend(tf, { query: now.query, key, value })
        h = tf.add(h, joined(tf, weight, layer, attended, spec))
        h = tf.add(h, feedForward(tf, weight, layer, h))
      }
      return { logits: logitsOf(tf, weight, h), state: cache }
    },
  }
}

/** GPT-2's first weights: normal with deviation 0.02, less by √(2 × layers) where a block's output is added to the sum of all. */
function weightsOf(
  { layers, width }: TransformerSpec,
  { context, tokens }: { context: number; tokens: number },
): WeightSpec[] {
  const normal: Initializer = { kind: 'normal', deviation: 0.02 }
  const residual: Initializer = { kind: 'normal', deviation: 0.02 / Math.sqrt(2 * layers) }
  const project = (name: string, from: number, to: number, initial: Initializer): WeightSpec[] => [
    { name: `${name}/kernel`, shape: [from, to], initial },
    bias(name, to),
  ]
  const blocks = Array.from({ length: layers }, (_, layer) => [
    ...affine(`${layer}/attentionNorm`, width),
    ...project(`${layer}/attention`, width, 3 * width, normal), // columns: query, key, value
    ...project(`${layer}/attended`, width, width, residual),
    ...affine(`${layer}/feedForwardNorm`, width),
    ...project(`${layer}/expand`, width, FEED_FORWARD * width, normal),
    ...project(`${layer}/contract`, FEED_FORWARD * width, width, residual),
  ])
  return [
    { name: 'embedding/table', shape: [tokens, width], initial: normal },
    { name: 'embedding/positions', shape: [context, width], initial: normal },
    ...blocks.flat(),
    ...affine('norm', width),
  ]
}

interface Heads {
  /** [rows, heads, positions, width / heads] */
  readonly query: Tensor
  readonly key: Tensor
  readonly value: Tensor
}

/** h [rows × positions, width], row by row */
function heads(
  tf: Tf,
  weight: ByName,
  spec: TransformerSpec,
  { layer, h, positions }: { layer: number; h: Tensor2D; positions: number },
): Heads {
  const all = applyDense(tf, weight, `${layer}/attention`, normed(tf, weight, `${layer}/attentionNorm`, h))
  const parts = tf.reshape(all, [-1, positions, 3 * spec.heads, spec.width / spec.heads])
  const [query, key, value] = tf.split(tf.transpose(parts, [0, 2, 1, 3]), 3, 1) as [Tensor, Tensor, Tensor]
  return { query, key, value }
}

/** softmax(query · keyᵀ / √perHead + mask) · value, [rows, heads, positions of the query, perHead] */
function attend(
  tf: Tf,
  {
    query,
    key,
    value,
    mask,
    dropout,
  }: Heads & { readonly mask?: Tensor; readonly dropout?: (shares: Tensor) => Tensor },
): Tensor {
  const scaled = tf.mul(query, 1 / Math.sqrt(query.shape.at(-1)!))
  const scores = tf.matMul(scaled, key, false, true)
  const shares = tf.softmax(mask === undefined ? scores : tf.add(scores, mask))
  return tf.matMul(dropout === undefined ? shares : dropout(shares), value)
}

/** [rows, heads, positions, perHead] → the block's output, [rows × positions, width] */
function joined(tf: Tf, weight: ByName, layer: number, attended: Tensor, { width }: TransformerSpec): Tensor2D {
  const together = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [-1, width]) as Tensor2D
  return applyDense(tf, weight, `${layer}/attended`, together)
}

function feedForward(tf: Tf, weight: ByName, layer: number, h: Tensor2D): Tensor2D {
  const expanded = applyDense(tf, weight, `${layer}/expand`, normed(tf, weight, `${layer}/feedForwardNorm`, h))
  return applyDense(tf, weight, `${layer}/contract`, gelu(tf, expanded))
}

function logitsOf(tf: Tf, weight: ByName, h: Tensor2D): Tensor2D {
  return tf.matMul(normed(tf, weight, 'norm', h), weight('embedding/table') as Tensor2D, false, true)
}

function normed(tf: Tf, weight: ByName, name: string, h: Tensor2D): Tensor2D {
  return layerNorm(tf, h, { scale: weight(`${name}/scale`), shift: weight(`${name}/shift`) })
}

/** [positions, positions]: 0 where the column may be seen from the row, else NEVER */
function causalMask(tf: Tf, positions: number): Tensor2D {
  const values = Float32Array.from({ length: positions ** 2 }, (_, i) =>
    i % positions > Math.floor(i / positions) ? NEVER : 0,
  )
  return tf.tensor2d(values, [positions, positions])
}
