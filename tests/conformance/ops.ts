// The operations that networks are made of, by the names of the golden cases in fixtures/conformance/ops.json.
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Tf } from '../../ml/tf.ts'
import type { Forward } from './golden.ts'

type Unary = (x: Tensor) => Tensor
type Binary = (x: Tensor, y: Tensor) => Tensor

const unary =
  (of: (tf: Tf) => Unary): Forward =>
  (tf, x) =>
    of(tf)(x!)
const binary =
  (of: (tf: Tf) => Binary): Forward =>
  (tf, x, y) =>
    of(tf)(x!, y!)

type Pad = 'same' | 'valid'
type Size = number | [number, number]

const conv2d = (stride: number, pad: Pad): Forward =>
  binary((tf) => (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad))
const depthwise = (stride: number, pad: Pad): Forward =>
  binary((tf) => (x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, stride, pad))
const maxPool = (size: number, pad: Pad): Forward => unary((tf) => (x) => tf.maxPool(x as Tensor4D, size, 2, pad))
const avgPool = (size: Size, stride: number, pad: Pad): Forward =>
  unary((tf) => (x) => tf.avgPool(x as Tensor4D, size, stride, pad))
const matMul = (transposeA = false, transposeB = false): Forward =>
  binary((tf) => (a, b) => tf.matMul(a as Tensor2D, b as Tensor2D, transposeA, transposeB))

/** (x − mean) / √(variance + epsilon) · scale + shift, over the given axis. */
export function normalize(
  tf: Tf,
  { x, scale, shift, axes, epsilon }: { x: Tensor; scale: Tensor; shift: Tensor; axes: number[]; epsilon: number },
): Tensor {
  const { mean, variance } = tf.moments(x, axes, true)
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale), shift)
}

/** Hendrycks & Gimpel 2016: x Φ(x), and its approximation by tanh. */
const geluByErf: Forward = (tf, x) => tf.mul(tf.mul(x!, 0.5), tf.add(tf.erf(tf.mul(x!, Math.SQRT1_2)), 1))
const geluByTanh: Forward = (tf, x) => {
  const inner = tf.mul(tf.add(x!, tf.mul(tf.mul(tf.square(x!), x!), 0.044715)), Math.sqrt(2 / Math.PI))
  return tf.mul(tf.mul(x!, 0.5), tf.add(tf.tanh(inner), 1))
}

const ids = (tf: Tf): Tensor2D =>
  tf.tensor2d(
    [
      [0, 2, 2],
      [5, 1, 2],
    ],
    [2, 3],
    'int32',
  )

const everyOther = (tf: Tf): Tensor2D => tf.tile(tf.tensor2d([1, 0, 1], [1, 3], 'bool'), [4, 1])

const DENSE = {
  matMul: matMul(),
  'matMul of batches, both transposed': matMul(true, true),
  'matMul of heads, second transposed': matMul(false, true),
  'gather of rows': (tf, w) => tf.gather(w!, ids(tf)),
  'gather of columns': (tf, w) => tf.gather(w!, tf.tensor1d([3, 0, 3], 'int32'), 1),
  'oneHot times a matrix': (tf, w) =>
    tf.matMul(tf.cast(tf.oneHot(tf.tensor1d([2, 0, 2, 4], 'int32'), 5), 'float32'), w as Tensor2D),
} satisfies Record<string, Forward>

const IMAGES = {
  'conv2d same': conv2d(1, 'same'),
  'conv2d same, stride 2': conv2d(2, 'same'),
  'conv2d valid': conv2d(1, 'valid'),
  'conv2d valid, stride 2': conv2d(2, 'valid'),
  'conv2d of one cell': conv2d(1, 'same'),
  'depthwiseConv2d same': depthwise(1, 'same'),
  'depthwiseConv2d valid, stride 2': depthwise(2, 'valid'),
  'conv2dTranspose same, stride 2': (tf, x, w) =>
    tf.conv2dTranspose(x as Tensor4D, w as Tensor4D, [2, 6, 6, 2], 2, 'same'),
  'maxPool valid': maxPool(2, 'valid'),
  'maxPool same, overlapping': maxPool(3, 'same'),
  'avgPool valid': avgPool(2, 2, 'valid'),
  'avgPool same': avgPool(3, 2, 'same'),
  'avgPool same, stride 1': avgPool([2, 3], 1, 'same'),
} satisfies Record<string, Forward>

const NORMS = {
  softmax: unary((tf) => tf.softmax),
  'softmax of large logits': unary((tf) => tf.softmax),
  logSoftmax: unary((tf) => tf.logSoftmax),
  logSumExp: unary((tf) => (x) => tf.logSumExp(x, 1)),
  'layer norm': (tf, x, scale, shift) =>
    normalize(tf, { x: x!, scale: scale!, shift: shift!, axes: [-1], epsilon: 1e-5 }),
  'batch norm': (tf, x, scale, shift) => {
    const { mean, variance } = tf.moments(x!, [0])
    return tf.batchNorm2d(x as Tensor2D, mean as Tensor1D, variance as Tensor1D, shift as Tensor1D, scale as Tensor1D)
  },
} satisfies Record<string, Forward>

const ELEMENTWISE = {
  'gelu, exact': geluByErf,
  'gelu, by tanh': geluByTanh,
  erf: unary((tf) => tf.erf),
  sigmoid: unary((tf) => tf.sigmoid),
  tanh: unary((tf) => tf.tanh),
  relu: unary((tf) => tf.relu),
  leakyRelu: unary((tf) => (x) => tf.leakyRelu(x, 0.1)),
  elu: unary((tf) => tf.elu),
  softplus: unary((tf) => tf.softplus),
  exp: unary((tf) => tf.exp),
  log: unary((tf) => tf.log),
  log1p: unary((tf) => tf.log1p),
  sqrt: unary((tf) => tf.sqrt),
  rsqrt: unary((tf) => tf.rsqrt),
  square: unary((tf) => tf.square),
  abs: unary((tf) => tf.abs),
  'add of a row': binary((tf) => tf.add),
  'sub of a column': binary((tf) => tf.sub),
  'mul of a row': binary((tf) => tf.mul),
  'div by a column': binary((tf) => tf.div),
  maximum: binary((tf) => tf.maximum),
  clipByValue: unary((tf) => (x) => tf.clipByValue(x, -0.7, 0.7)),
  where: binary((tf) => (x, y) => tf.where(everyOther(tf), x, y)),
} satisfies Record<string, Forward>

const AXES = {
  'sum over an axis': unary((tf) => (x) => tf.sum(x, 1)),
  'mean over two axes': unary((tf) => (x) => tf.mean(x, [1, 2])),
  'max over an axis': unary((tf) => (x) => tf.max(x, 1)),
  cumsum: unary((tf) => (x) => tf.cumsum(x, 1)),
  'cumsum, exclusive and reversed': unary((tf) => (x) => tf.cumsum(x, 1, true, true)),
  slice: unary((tf) => (x) => tf.slice(x, [1, 0, 2], [2, 3, 2])),
  concat: binary((tf) => (x, y) => tf.concat([x, y, x], 1)),
  stack: binary((tf) => (x, y) => tf.stack([x, y], 1)),
  unstack: (tf, x) => {
    const [, second, third] = tf.unstack(x!, 1)
    return tf.mul(second!, third!)
  },
  split: (tf, x) => {
    const [first, , third] = tf.split(x!, 3, 1)
    return tf.mul(first!, third!)
  },
  pad: (tf, x) =>
    tf.pad(x!, [
      [1, 0],
      [2, 1],
    ]),
  tile: unary((tf) => (x) => tf.tile(x, [2, 3])),
  transpose: unary((tf) => (x) => tf.transpose(x, [2, 0, 1])),
  reshape: unary((tf) => (x) => tf.reshape(x, [4, -1])),
  reverse: unary((tf) => (x) => tf.reverse(x, [1])),
} satisfies Record<string, Forward>

export const OPS: Readonly<Record<string, Forward>> = { ...DENSE, ...IMAGES, ...NORMS, ...ELEMENTWISE, ...AXES }
