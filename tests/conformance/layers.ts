// Layers as plain tensor operations, by the names of the golden cases in fixtures/conformance/layers.json; weights in Keras's order.
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Tf } from '../../ml/tf.ts'
import type { Forward } from './golden.ts'
import { normalize } from './ops.ts'

/** x · W + b over the last axis, whatever stands before it. */
function dense(tf: Tf, x: Tensor, kernel: Tensor, bias: Tensor): Tensor {
  const rows = tf.reshape(x, [-1, kernel.shape[0]!]) as Tensor2D
  return tf.reshape(tf.add(tf.matMul(rows, kernel as Tensor2D), bias), [...x.shape.slice(0, -1), kernel.shape[1]!])
}

function conv2d(tf: Tf, [x, kernel, bias]: readonly Tensor[], stride: number, pad: 'same' | 'valid'): Tensor {
  return tf.add(tf.conv2d(x as Tensor4D, kernel as Tensor4D, stride, pad), bias!)
}

/** One step of a recurrent layer: state before and input → state after, all [batch, units]. */
type Step = (input: Tensor, state: readonly Tensor[]) => Tensor[]

/** The first state is zero; gives the first part of the state after every step. x [batch, time, inputs]. */
function unroll(tf: Tf, x: Tensor, { units, parts, step }: { units: number; parts: number; step: Step }): Tensor[] {
  let state = Array.from({ length: parts }, (): Tensor => tf.zeros([x.shape[0]!, units]))
  return tf.unstack(x, 1).map((input) => {
    state = step(input, state)
    return state[0]!
  })
}

const product = (tf: Tf, a: Tensor, b: Tensor): Tensor => tf.matMul(a as Tensor2D, b as Tensor2D)
const last = (states: Tensor[]): Tensor => states.at(-1)!

const simpleRnn: Forward = (tf, x, kernel, recurrent, bias) => {
  const step: Step = (input, [h]) => [
    tf.tanh(tf.add(tf.add(product(tf, input, kernel!), product(tf, h!, recurrent!)), bias!)),
  ]
  return last(unroll(tf, x!, { units: recurrent!.shape[0]!, parts: 1, step }))
}

/** Cho et al. 2014 (the reset gate acts before the product), gates z, r, h as in Keras. */
const gruResetBefore: Forward = (tf, x, kernel, recurrent, bias) => {
  const units = recurrent!.shape[0]!
  const [ofZ, ofR, ofH] = tf.split(recurrent!, 3, 1)
  const step: Step = (input, [h]) => {
    const [z, r, candidate] = tf.split(tf.add(product(tf, input, kernel!), bias!), 3, 1)
    const update = tf.sigmoid(tf.add(z!, product(tf, h!, ofZ!)))
    const reset = tf.sigmoid(tf.add(r!, product(tf, h!, ofR!)))
    const proposed = tf.tanh(tf.add(candidate!, product(tf, tf.mul(reset, h!), ofH!)))
    return [mix(tf, update, h!, proposed)]
  }
  return last(unroll(tf, x!, { units, parts: 1, step }))
}

/** The form of cuDNN: two biases, [2, 3 · units], and the reset gate acts after the product. */
const gruResetAfter: Forward = (tf, x, kernel, recurrent, biases) => {
  const units = recurrent!.shape[0]!
  const [inputBias, stateBias] = tf.unstack(biases!, 0)
  const step: Step = (input, [h]) => {
    const [z, r, candidate] = tf.split(tf.add(product(tf, input, kernel!), inputBias!), 3, 1)
    const [zOfH, rOfH, candidateOfH] = tf.split(tf.add(product(tf, h!, recurrent!), stateBias!), 3, 1)
    const update = tf.sigmoid(tf.add(z!, zOfH!))
    const reset = tf.sigmoid(tf.add(r!, rOfH!))
    return [mix(tf, update, h!, tf.tanh(tf.add(candidate!, tf.mul(reset, candidateOfH!))))]
  }
  return last(unroll(tf, x!, { units, parts: 1, step }))
}

/** share · before + (1 − share) · proposed */
function mix(tf: Tf, share: Tensor, before: Tensor, proposed: Tensor): Tensor {
  return tf.add(tf.mul(share, before), tf.mul(tf.sub(1, share), proposed))
}

/** Gates i, f, c, o as in Keras. → the hidden state after every step */
function lstm(tf: Tf, [x, kernel, recurrent, bias]: readonly Tensor[]): Tensor[] {
  const step: Step = (input, [h, cell]) => {
    const all = tf.add(tf.add(product(tf, input, kernel!), product(tf, h!, recurrent!)), bias!)
    const [i, f, candidate, o] = tf.split(all, 4, 1)
    const after = tf.add(tf.mul(tf.sigmoid(f!), cell!), tf.mul(tf.sigmoid(i!), tf.tanh(candidate!)))
    return [tf.mul(tf.sigmoid(o!), tf.tanh(after)), after]
  }
  return unroll(tf, x!, { units: recurrent!.shape[0]!, parts: 2, step })
}

/** Vaswani et al. 2017, each position sees itself and those before. Kernels [width, heads, size], the last [heads, size, width]. */
const causalAttention: Forward = (
  tf,
  x,
  queryKernel,
  queryBias,
  keyKernel,
  keyBias,
  valueKernel,
  valueBias,
  ...out
) => {
  const [heads, size] = [queryKernel!.shape[1]!, queryKernel!.shape[2]!]
  const [batch, time, width] = x!.shape as [number, number, number]
  const project = (kernel: Tensor, bias: Tensor): Tensor => {
    const flat = dense(tf, x!, tf.reshape(kernel, [width, heads * size]), tf.reshape(bias, [heads * size]))
    return tf.transpose(tf.reshape(flat, [batch, time, heads, size]), [0, 2, 1, 3]) // [batch, heads, time, size]
  }
  const query = tf.mul(project(queryKernel!, queryBias!), 1 / Math.sqrt(size))
  const key = project(keyKernel!, keyBias!)
  const value = project(valueKernel!, valueBias!)
  const hidden = Array.from({ length: time * time }, (_, at) => (at % time > Math.floor(at / time) ? -1e9 : 0))
  const scores = tf.add(tf.matMul(query, key, false, true), tf.tensor2d(hidden, [time, time]))
  const mixed = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]) // [batch, time, heads, size]
  const [kernel, bias] = out
  return dense(tf, tf.reshape(mixed, [batch, time, heads * size]), tf.reshape(kernel!, [heads * size, width]), bias!)
}

const embeddedIds = [
  [0, 3, 3, 1],
  [2, 3, 0, 4],
]

export const LAYERS: Readonly<Record<string, Forward>> = {
  dense: (tf, x, kernel, bias) => tf.relu(dense(tf, x!, kernel!, bias!)),
  'dense over a sequence': (tf, x, kernel, bias) => tf.tanh(dense(tf, x!, kernel!, bias!)),
  'conv2d same': (tf, ...inputs) => tf.tanh(conv2d(tf, inputs, 1, 'same')),
  'conv2d valid, stride 2': (tf, ...inputs) => tf.sigmoid(conv2d(tf, inputs, 2, 'valid')),
  'max pooling': (tf, x) => tf.maxPool(x as Tensor4D, 2, 2, 'valid'),
  'average pooling same': (tf, x) => tf.avgPool(x as Tensor4D, 3, 2, 'same'),
  'global average pooling': (tf, x) => tf.mean(x!, [1, 2]),
  'batch norm while training': (tf, x, scale, shift) =>
    normalize(tf, { x: x!, scale: scale!, shift: shift!, axes: [0], epsilon: 1e-3 }),
  'batch norm of an image': (tf, x, scale, shift) =>
    normalize(tf, { x: x!, scale: scale!, shift: shift!, axes: [0, 1, 2], epsilon: 1e-3 }),
  'layer norm': (tf, x, scale, shift) =>
    normalize(tf, { x: x!, scale: scale!, shift: shift!, axes: [-1], epsilon: 1e-3 }),
  embedding: (tf, table) => tf.gather(table!, tf.tensor2d(embeddedIds, [2, 4], 'int32')),
  'simple RNN': simpleRnn,
  'GRU, reset after': gruResetAfter,
  'GRU, reset before': gruResetBefore,
  LSTM: (tf, ...inputs) => last(lstm(tf, inputs)),
  'LSTM, whole sequence': (tf, ...inputs) => tf.stack(lstm(tf, inputs), 1),
  'causal attention of two heads': causalAttention,
}
