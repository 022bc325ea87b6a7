// The gradient of max pooling on wasm: tfjs's own kernel takes the smallest positive float for the lowest one, so it is wrong where a window holds no positive number.
import type { Tensor4D, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import type { WasmMemory } from './wasm-memory.ts'

interface MaxPoolGradCall {
  readonly inputs: { readonly dy: Tensor4D; readonly input: Tensor4D }
  readonly attrs: {
    readonly filterSize: number | [number, number]
    readonly strides: number | [number, number]
    readonly pad: 'same' | 'valid' | number
    readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
  }
  readonly backend: WasmMemory
}

/** Replaces the kernel MaxPoolGrad. Of equal largest cells the first one, row by row, gets the gradient, as in TensorFlow. */
export function correctMaxPooling(tf: Tf): void {
  const kernelFunc = ({ inputs: { dy, input }, attrs, backend }: MaxPoolGradCall): TensorInfo => {
    const { filterSize, strides, pad, dimRoundingMode } = attrs
    const pool = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode)
    const output = backend.makeOutput(input.shape, 'float32')
    const [gradient, image, change] = [output, input, dy].map((tensor) => backend.typedArrayFromHeap(tensor))
    gradient!.fill(0)
    const channels = pool.inChannels
    for (let cell = 0, at = 0; cell < pool.batchSize * pool.outHeight * pool.outWidth; cell++) {
      const window = windowOf(pool, cell)
      for (let channel = 0; channel < channels; channel++, at++) {
        gradient![indexOfLargest(image!, window, { channel, channels })]! += change![at]!
      }
    }
    return output
  }
  tf.unregisterKernel('MaxPoolGrad', 'wasm')
  tf.registerKernel({ kernelName: 'MaxPoolGrad', backendName: 'wasm', kernelFunc: kernelFunc as never })
}

type Pool = ReturnType<Tf['backend_util']['computePool2DInfo']>

/** Cells of the image, rows [top, bottom) and columns [left, right); `origin` is the image's first cell in its batch. */
interface Window {
  readonly origin: number
  readonly width: number
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** The part of output cell `cell`'s window that lies inside its image. Cells count through batch, rows and columns. */
function windowOf(pool: Pool, cell: number): Window {
  const { outHeight, outWidth, inHeight, inWidth, padInfo } = pool
  const top = (Math.floor(cell / outWidth) % outHeight) * pool.strideHeight - padInfo.top
  const left = (cell % outWidth) * pool.strideWidth - padInfo.left
  return {
    origin: Math.floor(cell / (outHeight * outWidth)) * inHeight * inWidth,
    width: inWidth,
    top: Math.max(top, 0),
    bottom: Math.min(top + pool.filterHeight, inHeight),
    left: Math.max(left, 0),
    right: Math.min(left + pool.filterWidth, inWidth),
  }
}

function indexOfLargest(
  image: Float32Array | Int32Array,
  { origin, width, top, bottom, left, right }: Window,
  { channel, channels }: { channel: number; channels: number },
): number {
  let largest = (origin + top * width + left) * channels + channel
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const index = (origin + row * width + column) * channels + channel
      if (image[index]! > image[largest]!) largest = index
    }
  }
  return largest
}
