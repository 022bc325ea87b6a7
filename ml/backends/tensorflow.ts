// TensorFlow's own library behind the addon of tfjs-node, on the processor or on an NVIDIA GPU.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Tf } from '../tf.ts'
import { activate, type DeviceWish, type Loaded } from './loaded.ts'
import { loadedLibraries, nvidiaFacts } from './nvidia.ts'
import { processorName } from './processor.ts'
import { registerTensorflowKernels } from './tensorflow-kernels.ts'

const require = createRequire(import.meta.url)

export async function loadTensorflow(wish: DeviceWish): Promise<Loaded | string> {
  const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
  const addon = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node')
  if (!existsSync(addon)) return 'the native addon is not built (`sluice setup native` builds it)'
  restoreUtil()
  quietAndModest(wish)
  const tf = (await import('@tensorflow/tfjs-node-gpu')).default as unknown as Tf
  const refusal = await activate(tf, 'tensorflow')
  if (refusal !== undefined) return refusal
  registerTensorflowKernels(tf)
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as {
    binding: { TF_Version: string }
    isUsingGpuDevice: boolean
  }
  const { tensorflow: library, cuda } = loadedLibraries()
  const shared = { tf, version: `TensorFlow ${binding.TF_Version}`, ...(library && { library }) }
  if (!isUsingGpuDevice) return { ...shared, device: 'cpu', deviceName: processorName() }
  return { ...shared, device: 'gpu', ...(cuda && { cuda }), ...nvidiaFacts() }
}

/** Node 23 removed two functions that tfjs-node 4.22 calls: https://github.com/tensorflow/tfjs/issues/8425 */
function restoreUtil(): void {
  // the object that require('util') gives; the module namespace of an import cannot be added to
  const util = require('node:util') as Record<string, unknown>
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}

/** Variables that TensorFlow's library reads while it loads; a setting made by the user wins. */
function quietAndModest(wish: DeviceWish): void {
  const { env } = process
  env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  if (wish === 'cpu') env.CUDA_VISIBLE_DEVICES = '-1'
}
