// Kernels of gradients that tfjs's wasm backend lacks: the filter of a convolution (tfjs#8474), and the rows of an embedding (tfjs#8082).
import type { Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import type { WasmMemory } from './wasm-memory.ts'

/** Registers both. A process may do it once. */
export function registerWasmGradients(tf: Tf): void {
  const register = (kernelName: string, kernelFunc: unknown): void =>
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as never })
  register('Conv2DBackpropFilter', convolutionFilterGradient(tf))
  register('UnsortedSegmentSum', unsortedSegmentSum)
}

interface ConvolutionCall {
  readonly inputs: { readonly x: Tensor4D; readonly dy: Tensor4D }
  readonly attrs: {
    readonly strides: number | [number, number]
    readonly pad: 'same' | 'valid' | number
    readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
    /** [height, width, input channels, output channels] */
    readonly filterShape: [number, number, number, number]
  }
}

/** For each cell (i, j) of the filter, the image cells that it met, as one matrix product with dy: the fast kernel that wasm has. */
function convolutionFilterGradient(tf: Tf): (call: ConvolutionCall) => Tensor {
  return ({ inputs: { x, dy }, attrs: { strides, pad, dimRoundingMode, filterShape } }) => {
    const [height, width, channels, filters] = filterShape
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode)
    const { batchSize, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info
    const { top, bottom, left, right } = padInfo
    const cells = batchSize * outHeight * outWidth
    return tf.tidy(() => {
      const image = tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]) // [batch, padded height, padded width, channels]
      const changes = tf.reshape(dy, [cells, filters])
      const perCell = Array.from({ length: height * width }, (_, at) => {
        const [i, j] = [Math.floor(at / width), at % width]
        const end = [batchSize, i + (outHeight - 1) * strideHeight + 1, j + (outWidth - 1) * strideWidth + 1, channels]
        const met = tf.stridedSlice(image, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1])
        return tf.matMul(tf.reshape(met, [cells, channels]), changes, true, false) // [channels, filters]
      })
      return tf.reshape(tf.stack(perCell), filterShape)
    })
  }
}

interface SegmentCall {
  readonly inputs: { readonly x: TensorInfo; readonly segmentIds: TensorInfo }
  readonly attrs: { readonly numSegments: number }
  readonly backend: WasmMemory
}

/** sums[id] += row, for each row of x and its id; ids outside [0, numSegments) are left out, as the specification says. */
function unsortedSegmentSum({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }: SegmentCall): TensorInfo {
  const output = backend.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], 'float32')
  const sums = backend.typedArrayFromHeap(output)
  const rows = backend.typedArrayFromHeap(x)
  const ids = backend.typedArrayFromHeap(segmentIds)
  const width = ids.length === 0 ? 0 : rows.length / ids.length
  sums.fill(0)
  ids.forEach((id: number, row: number) => {
    if (id < 0 || id >= numSegments) return
    for (let i = 0; i < width; i++) sums[id * width + i]! += rows[row * width + i]!
  })
  return output
}
