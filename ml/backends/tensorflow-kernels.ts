// Kernels of tfjs-node that TensorFlow computes faster by another of its operations.
import type { Tensor, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'
import { nativeBackend, typeNumberOf } from './native.ts'

/**
 * Products of two matrices by MatMul: tfjs-node takes BatchMatMulV2 for all of them, which is slower for small ones and which TensorFlow
 * does not fuse with the bias and activation behind it. Replaces the registered kernel; call it once the backend is active.
 */
export function registerTensorflowKernels(tf: Tf): void {
  tf.unregisterKernel('BatchMatMul', 'tensorflow')
  tf.registerKernel({ kernelName: 'BatchMatMul', backendName: 'tensorflow', kernelFunc: (call) => product(tf, call) })
}

type KernelCall = Parameters<Parameters<Tf['registerKernel']>[0]['kernelFunc']>[0]

function product(tf: Tf, { inputs, attrs }: KernelCall): TensorInfo {
  const backend = nativeBackend(tf)
  const { binding } = backend
  const [a, b] = [inputs.a as Tensor, inputs.b as Tensor]
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean }
  const matrices = a.shape.length === 2 && b.shape.length === 2
  const [op, first, second] = matrices
    ? (['MatMul', 'transpose_a', 'transpose_b'] as const)
    : (['BatchMatMulV2', 'adj_x', 'adj_y'] as const)
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: typeNumberOf(backend, a) },
    { name: first, type: binding.TF_ATTR_BOOL, value: transposeA },
    { name: second, type: binding.TF_ATTR_BOOL, value: transposeB },
  ]
  return backend.executeSingleOutput(op, attributes, [a, b])
}
