// Kernels of the gradients of depthwise convolutions, which tfjs's wasm backend lacks: plain loops over its memory.
import type { Tensor4D, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import type { WasmMemory } from './wasm-memory.ts'

type Shape = [number, number, number, number]

interface Attributes {
  readonly strides: number | [number, number]
  readonly pad: 'same' | 'valid' | number
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
  /** of the gradient by the filter: [height, width, channels, multiplier] */
  readonly filterShape?: Shape
  /** of the gradient by the image: [batch, height, width, channels] */
  readonly inputShape?: Shape
}

interface Call {
  readonly inputs: { readonly dy: Tensor4D; readonly x?: Tensor4D; readonly filter?: Tensor4D }
  readonly attrs: Attributes
  readonly backend: WasmMemory
}

/** Registers both kernels. A process may do it once. */
export function registerDepthwiseGradients(tf: Tf): void {
  const register = (kernelName: string, kernelFunc: (call: Call) => TensorInfo): void =>
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as never })
  register('DepthwiseConv2dNativeBackpropFilter', ({ inputs: { x, dy }, attrs, backend }) =>
    accumulate(tf, { backend, attrs, image: x!.shape, filter: attrs.filterShape!, into: 'filter', other: x!, dy }),
  )
  register('DepthwiseConv2dNativeBackpropInput', ({ inputs: { filter, dy }, attrs, backend }) =>
    accumulate(tf, {
      backend,
      attrs,
      image: attrs.inputShape!,
      filter: filter!.shape,
      into: 'image',
      other: filter!,
      dy,
    }),
  )
}

interface Work {
  readonly backend: WasmMemory
  readonly attrs: Attributes
  readonly image: Shape
  readonly filter: Shape
  /** which of the two factors of each product the gradient goes to */
  readonly into: 'image' | 'filter'
  /** the other factor */
  readonly other: Tensor4D
  readonly dy: Tensor4D
}

/** y[cell, c, m] = Σ image[cell + tap, c] · filter[tap, c, m], so each factor's gradient gathers dy times the other factor. */
function accumulate(tf: Tf, { backend, attrs, image, filter, into, other, dy }: Work): TensorInfo {
  const { strides, pad, dimRoundingMode } = attrs
  const [, , channels, multiplier] = filter
  const info = tf.backend_util.computeConv2DInfo(image, filter, strides, 1, pad, dimRoundingMode, true)
  const output = backend.makeOutput(into === 'image' ? image : filter, 'float32')
  const [gradient, factor, changes] = [output, other, dy].map((tensor) => backend.typedArrayFromHeap(tensor))
  gradient!.fill(0)
  eachTap(info, ({ imageCell, filterCell, outputCell }) => {
    for (let of = 0; of < channels * multiplier; of++) {
      const inImage = imageCell * channels + Math.floor(of / multiplier)
      const inFilter = filterCell * channels * multiplier + of
      const change = changes![outputCell * channels * multiplier + of]!
      if (into === 'image') gradient![inImage]! += change * factor![inFilter]!
      else gradient![inFilter]! += change * factor![inImage]!
    }
  })
  return output
}

/** Positions, counted through batch, rows and columns. */
interface Tap {
  readonly imageCell: number
  readonly filterCell: number
  readonly outputCell: number
}

/** Every pair of an output cell and a filter cell that lies inside the image. */
function eachTap(info: ReturnType<Tf['backend_util']['computeConv2DInfo']>, visit: (tap: Tap) => void): void {
  const { batchSize, outHeight, outWidth, inHeight, inWidth, filterHeight, filterWidth, padInfo } = info
  for (let outputCell = 0; outputCell < batchSize * outHeight * outWidth; outputCell++) {
    const batch = Math.floor(outputCell / (outHeight * outWidth))
    const top = (Math.floor(outputCell / outWidth) % outHeight) * info.strideHeight - padInfo.top
    const left = (outputCell % outWidth) * info.strideWidth - padInfo.left
    for (let filterCell = 0; filterCell < filterHeight * filterWidth; filterCell++) {
      const row = top + Math.floor(filterCell / filterWidth)
      const column = left + (filterCell % filterWidth)
      if (row < 0 || row >= inHeight || column < 0 || column >= inWidth) continue
      visit({ imageCell: (batch * inHeight + row) * inWidth + column, filterCell, outputCell })
    }
  }
}
