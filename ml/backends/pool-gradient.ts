// Corrects the gradient of average pooling: tfjs divides by the window's size where the forward pass divides by the cells inside the image.
import type { Tensor4D } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

export type PoolingBackend = 'cpu' | 'wasm' | 'webgpu'

interface PoolAttributes {
  readonly filterSize: number | [number, number]
  readonly strides: number | [number, number]
  readonly pad: 'same' | 'valid' | number
}

type Kernel = (call: { inputs: { dy: Tensor4D; input: Tensor4D }; attrs: PoolAttributes; backend: unknown }) => Tensor4D

const corrected = new Set<string>()

/**
 * With padding, tfjs 4.22 is wrong by (cells inside the image) / (cells of the window) at the border on each of these backends;
 * scaling dy by the inverse before its own kernel makes it right. TensorFlow's library needs no correction. Once per process and backend.
 */
export function correctAveragePooling(tf: Tf, backendName: PoolingBackend = 'cpu'): void {
  if (corrected.has(backendName)) return
  corrected.add(backendName)
  const original = tf.getKernel('AvgPoolGrad', backendName).kernelFunc as unknown as Kernel
  const kernelFunc: Kernel = ({ inputs, attrs, backend }) => {
    const scale = borderScale(tf, inputs.input.shape, attrs)
    if (scale === null) return original({ inputs, attrs, backend })
    return tf.tidy(() =>
      original({
        inputs: { ...inputs, dy: tf.mul(inputs.dy, tf.tensor4d(scale.values, scale.shape)) },
        attrs,
        backend,
      }),
    )
  }
  tf.unregisterKernel('AvgPoolGrad', backendName)
  tf.registerKernel({ kernelName: 'AvgPoolGrad', backendName, kernelFunc: kernelFunc as never })
}

interface Scale {
  readonly values: Float32Array
  /** [1, output height, output width, 1] */
  readonly shape: [number, number, number, number]
}

/** Window size / cells inside the image, per output cell; null: there is no padding, all would be 1. */
function borderScale(
  tf: Tf,
  imageShape: Tensor4D['shape'],
  { filterSize, strides, pad }: PoolAttributes,
): Scale | null {
  const pool = tf.backend_util.computePool2DInfo(imageShape, filterSize, strides, 1, pad)
  const { top, bottom, left, right } = pool.padInfo
  if (top + bottom + left + right === 0) return null
  const { outHeight, outWidth, filterHeight, filterWidth } = pool
  const rows = cellsInside({
    outputs: outHeight,
    stride: pool.strideHeight,
    before: top,
    window: filterHeight,
    size: pool.inHeight,
  })
  const columns = cellsInside({
    outputs: outWidth,
    stride: pool.strideWidth,
    before: left,
    window: filterWidth,
    size: pool.inWidth,
  })
  const values = new Float32Array(outHeight * outWidth)
  for (let i = 0; i < values.length; i++) {
    const inside = rows[Math.floor(i / outWidth)]! * columns[i % outWidth]!
    values[i] = (filterHeight * filterWidth) / inside
  }
  return { values, shape: [1, outHeight, outWidth, 1] }
}

/** Along one axis, for each output: how many cells of its window lie in the image. */
function cellsInside(axis: {
  outputs: number
  stride: number
  before: number
  window: number
  size: number
}): number[] {
  return Array.from({ length: axis.outputs }, (_, output) => {
    const start = output * axis.stride - axis.before
    return Math.min(start + axis.window, axis.size) - Math.max(start, 0)
  })
}
