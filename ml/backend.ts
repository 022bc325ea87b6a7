// Picks what computes: TensorFlow's library, WebAssembly or plain JavaScript; says which and why. Nothing is loaded at import time.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { failure } from '../schemas/failures.ts'
import type { BackendInfo, BackendName } from '../schemas/model.ts'
import { registerWasmKernels } from './wasm-kernels.ts'

export type Tf = typeof import('@tensorflow/tfjs')

export interface OpenBackend {
  readonly tf: Tf
  readonly info: BackendInfo
}

/** Best first. */
const PREFERENCE: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu']

type Loaded = { readonly tf: Tf; readonly version: string; readonly device: 'cpu' | 'gpu' }

const { resolve } = createRequire(import.meta.url)

/**
 * Loads the best backend that works here, or exactly `prefer`.
 * `device`: gpu refuses anything less; cpu leaves a GPU alone; any takes what is there.
 * Throws DEVICE_MISSING when the wish cannot be met. A process can open several backends in turn; the last one opened is active.
 */
export async function openBackend(options: {
  prefer?: BackendName | undefined
  device: 'any' | 'cpu' | 'gpu'
}): Promise<OpenBackend> {
  const { prefer, device } = options
  const refusals: string[] = []
  for (const name of prefer === undefined ? PREFERENCE : [prefer]) {
    const loaded = await tryToLoad(name, device)
    if (typeof loaded === 'string') refusals.push(`${name}: ${loaded}`)
    else {
      const why = prefer === undefined ? ['the best that is here', ...refusals].join('; ') : 'asked for by name'
      return { tf: loaded.tf, info: { name, version: loaded.version, device: loaded.device, why } }
    }
  }
  const expected = device === 'gpu' ? `a GPU${prefer ? ` with ${prefer}` : ''}` : `backend ${prefer}`
  throw failure('DEVICE_MISSING', { expected, found: refusals.join('; ') })
}

/** → the backend, or in words why it cannot be used. */
async function tryToLoad(name: BackendName, device: 'any' | 'cpu' | 'gpu'): Promise<Loaded | string> {
  if (device === 'gpu' && name !== 'tensorflow') return 'runs on the CPU only'
  try {
    const loaded = await LOADERS[name](device)
    if (device === 'gpu' && loaded.device !== 'gpu') return `${loaded.version} sees no GPU`
    return loaded
  } catch (error) {
    return firstLine(error)
  }
}

const LOADERS: Readonly<Record<BackendName, (device: 'any' | 'cpu' | 'gpu') => Promise<Loaded>>> = {
  tensorflow: loadTensorflow,
  wasm: loadWasm,
  cpu: loadCpu,
}

async function loadTensorflow(device: 'any' | 'cpu' | 'gpu'): Promise<Loaded> {
  const folder = dirname(resolve('@tensorflow/tfjs-node-gpu/package.json'))
  const addon = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node')
  if (!existsSync(addon)) throw new Error('the native addon is not built (`sluice doctor` says how)')
  restoreUtil()
  quietAndModest(device)
  const tf = (await import('@tensorflow/tfjs-node-gpu')).default as unknown as Tf
  await activate(tf, 'tensorflow')
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as {
    binding: { TF_Version: string }
    isUsingGpuDevice: boolean
  }
  return { tf, version: `TensorFlow ${binding.TF_Version}`, device: isUsingGpuDevice ? 'gpu' : 'cpu' }
}

async function loadWasm(): Promise<Loaded> {
  const tf = (await import('@tensorflow/tfjs')).default
  const wasm = (await import('@tensorflow/tfjs-backend-wasm')).default
  // set before the first use; a second call with the backend up would throw
  if (tf.engine().registry.wasm === undefined) {
    wasm.setWasmPaths(`${join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`)
  }
  await activate(tf, 'wasm')
  registerWasmKernels(tf)
  return { tf, version: `tfjs ${tf.version.tfjs}`, device: 'cpu' }
}

async function loadCpu(): Promise<Loaded> {
  const tf = (await import('@tensorflow/tfjs')).default
  await activate(tf, 'cpu')
  return { tf, version: `tfjs ${tf.version.tfjs}`, device: 'cpu' }
}

async function activate(tf: Tf, name: BackendName): Promise<void> {
  tf.enableProdMode() // no advertisement for tfjs-node on the console
  if (!(await tf.setBackend(name))) throw new Error(`${name} did not start`)
  await tf.ready()
}

/** Node 23 removed two functions that tfjs-node 4.22 calls: https://github.com/tensorflow/tfjs/issues/8425 */
function restoreUtil(): void {
  // the object that require('util') gives; the module namespace of an import cannot be added to
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}

/** Variables that TensorFlow's library reads while it loads; a setting made by the user wins. */
function quietAndModest(device: 'any' | 'cpu' | 'gpu'): void {
  const { env } = process
  env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  if (device === 'cpu') env.CUDA_VISIBLE_DEVICES = '-1'
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n', 1)[0] ?? text
}
