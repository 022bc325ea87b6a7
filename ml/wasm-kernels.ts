// The wasm backend multiplies transposed matrices 5 to 10 times slower than plain ones: transpose first. Gradients need it.
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from './backend.ts'

interface WasmBackend {
  disposeData(dataId: object): void
}

type Kernel = (call: { inputs: NamedTensorInfoMap; attrs: NamedAttrMap; backend: unknown }) => TensorInfo

let registered = false

/** Replaces BatchMatMul by one that transposes first, so that XNNPACK's fast path is taken. Once per process. */
export function registerWasmKernels(tf: Tf): void {
  if (registered) return
  registered = true
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
    for (const { dataId } of temporary) (backend as WasmBackend).disposeData(dataId)
    return product
  }
  tf.unregisterKernel('BatchMatMul', 'wasm')
  tf.registerKernel({ kernelName: 'BatchMatMul', backendName: 'wasm', kernelFunc: transposeFirst as never })
}
