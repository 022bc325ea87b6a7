// TensorFlow's own library behind the addon of tfjs-node, on the processor or on an NVIDIA GPU.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Tf } from '../tf.ts'
import { activate, type DeviceWish, type Loaded } from './loaded.ts'
import { loadedLibraries, nvidiaFacts } from './nvidia.ts'
import { allowedProcessors, machineKind, processorName } from './processor.ts'
import { registerTensorflowKernels } from './tensorflow-kernels.ts'

/** Variables with which the library computes with other code, and so to other last bits. */
const SETTINGS = [
  ...['TF_ENABLE_ONEDNN_OPTS', 'ONEDNN_MAX_CPU_ISA', 'DNNL_MAX_CPU_ISA', 'ONEDNN_CPU_ISA_HINTS', 'DNNL_CPU_ISA_HINTS'],
  ...['ONEDNN_DEFAULT_FPMATH_MODE', 'TF_SET_ONEDNN_FPMATH_MODE', 'TF_XLA_FLAGS', 'XLA_FLAGS', 'NVIDIA_TF32_OVERRIDE'],
]

const require = createRequire(import.meta.url)

export async function loadTensorflow(wish: DeviceWish): Promise<Loaded | string> {
  const folder = addonPackageFolder()
  const addon = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node')
  if (!existsSync(addon)) return 'the native addon is not built (`sluice setup native` builds it)'
  restoreUtil()
  quietAndModest(wish)
  const tf = require(folder) as Tf
  const refusal = await activate(tf, 'tensorflow')
  if (refusal !== undefined) return refusal
  registerTensorflowKernels(tf)
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as {
    binding: { TF_Version: string }
    isUsingGpuDevice: boolean
  }
  const { tensorflow: library, cuda } = loadedLibraries()
  const shared = { tf, version: `TensorFlow ${binding.TF_Version}`, ...(library && { library }) }
  const computed = howItComputes()
  if (!isUsingGpuDevice) {
    return { ...shared, device: 'cpu', deviceName: processorName(), machine: machineKind(computed) }
  }
  const { deviceName, driver } = nvidiaFacts()
  const gpu = [deviceName, driver && `driver ${driver}`, cuda && `CUDA ${cuda}`].filter(Boolean).join(', ')
  const facts = { deviceName, ...(cuda && { cuda }), ...(driver && { driver }) }
  return { ...shared, device: 'gpu', ...facts, machine: machineKind({ ...computed, gpu }) }
}

/** Inside the published package (`infra/packing/build-package.ts`), a package of its own here. */
function addonPackageFolder(): string {
  const inside = join(import.meta.dirname, '..', '..', 'vendor', 'tfjs-node-gpu')
  return existsSync(inside) ? inside : dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
}

/** As the library reads its own variables; its pool has a thread for each processor that it may run on, unless one of them says otherwise. */
function howItComputes(): { threads: number; settings: Record<string, string> } {
  const { env } = process
  const wished = Number(env.TF_NUM_INTRAOP_THREADS)
  const settings = Object.fromEntries(SETTINGS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
  return { threads: wished > 0 ? wished : allowedProcessors(), settings }
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
