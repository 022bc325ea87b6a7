// Makes the wasm backend fit for training: kernels that it lacks, two that are wrong, and one that is slow.
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import { correctAveragePooling } from './pool-gradient.ts'
import { registerDepthwiseGradients } from './wasm-depthwise.ts'
import { registerWasmGradients } from './wasm-gradients.ts'
import { correctMaxPooling } from './wasm-max-pool.ts'
import type { WasmMemory } from './wasm-memory.ts'

type Kernel = (call: { inputs: NamedTensorInfoMap; attrs: NamedAttrMap; backend: unknown }) => TensorInfo

let registered = false

/** Once per process; more calls do nothing. */
export function registerWasmKernels(tf: Tf): void {
  if (registered) return
  registered = true
  correctAveragePooling(tf, 'wasm')
  correctMaxPooling(tf)
  registerWasmGradients(tf)
  registerDepthwiseGradients(tf)
  transposeBeforeMultiplying(tf)
}

/** The backend multiplies transposed matrices, which gradients need, 5 to 10 times slower than plain ones: XNNPACK is left out for them. */
function transposeBeforeMultiplying(tf: Tf): void {
  const multiply = tf.getKernel('BatchMatMul', 'wasm').kernelFunc as unknown as Kernel
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as unknown as Kernel
  const transposeFirst: Kernel = ({ inputs, attrs, backend }) => {
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean }
    const temporary: TensorInfo[] = []
    const plain = (x: TensorInfo, transposed: boolean): TensorInfo => {
      if (!transposed) return x
      const last = x.shape.length - 1
      const perm = [...x.shape.keys()].slice(0, -2).concat(last, last - 1)
      const turned = transpose({ inputs: { x }, attrs: { perm }, backend })
      temporary.push(turned)
      return turned
    }
    const a = plain(inputs.a!, transposeA)
    const b = plain(inputs.b!, transposeB)
    const product = multiply({ inputs: { a, b }, attrs: { transposeA: false, transposeB: false }, backend })
    for (const { dataId } of temporary) (backend as WasmMemory).disposeData(dataId)
    return product
  }
  tf.unregisterKernel('BatchMatMul', 'wasm')
  tf.registerKernel({ kernelName: 'BatchMatMul', backendName: 'wasm', kernelFunc: transposeFirst as never })
}
