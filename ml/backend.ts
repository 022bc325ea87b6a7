// Picks what computes: TensorFlow's library, a GPU through WebGPU, WebAssembly or plain JavaScript; says which and why. Nothing is loaded at import time.
import { failure } from '../schemas/failures.ts'
import type { BackendInfo, BackendName, MachineKind } from '../schemas/model.ts'
import { loadCpu } from './backends/cpu.ts'
import type { DeviceWish, Loaded, Loader } from './backends/loaded.ts'
import { proveBackend } from './backends/proof.ts'
import { loadTensorflow } from './backends/tensorflow.ts'
import { loadWasm } from './backends/wasm.ts'
import { loadWebgpu } from './backends/webgpu.ts'
import type { Tf } from './tf.ts'

export interface OpenBackend {
  readonly tf: Tf
  readonly info: BackendInfo
  readonly machine: MachineKind
}

export interface OpenBackendOptions {
  /** exactly this one; default: the best that works here */
  readonly prefer?: BackendName | undefined
  /** gpu: refuses anything less; cpu: leaves a GPU alone; any: takes what is there */
  readonly device: DeviceWish
  /** true: the setting SLUICE_GPU_FALLBACK, with which a wish for a GPU takes less where there is none, and says so; default false */
  readonly lessAllowed?: boolean | undefined
}

/** Best first. WebGPU computes where a GPU is demanded, or by name: on a machine without one it is slower than wasm. */
const PREFERENCE: Readonly<Record<DeviceWish, readonly BackendName[]>> = {
  any: ['tensorflow', 'wasm', 'cpu'],
  cpu: ['tensorflow', 'wasm', 'cpu'],
  gpu: ['tensorflow', 'webgpu'],
}

const LOADERS: Readonly<Record<BackendName, Loader>> = {
  tensorflow: loadTensorflow,
  webgpu: loadWebgpu,
  wasm: loadWasm,
  cpu: loadCpu,
}

/**
 * Loads the best backend that works here, or exactly `prefer`, and lets it prove that it computes.
 * Throws DEVICE_MISSING when the wish cannot be met. A process can open several backends in turn; the last one opened is active.
 */
export async function openBackend({ prefer, device, lessAllowed = false }: OpenBackendOptions): Promise<OpenBackend> {
  const refusals: string[] = []
  const wishes: readonly DeviceWish[] = device === 'gpu' && lessAllowed ? ['gpu', 'any'] : [device]
  for (const wish of wishes) {
    for (const name of prefer === undefined ? PREFERENCE[wish] : [prefer]) {
      const loaded = await tryToLoad(name, wish)
      if (typeof loaded === 'string') refusals.push(`${name}: ${loaded}`)
      else return described(name, loaded, reason({ prefer, device, wish, refusals }))
    }
  }
  const expected = device === 'gpu' ? `a GPU${prefer ? ` with ${prefer}` : ''}` : `backend ${prefer}`
  throw failure('DEVICE_MISSING', { expected, found: refusals.join('; ') })
}

/** → the backend, or in words why it cannot be used. */
async function tryToLoad(name: BackendName, wish: DeviceWish): Promise<Loaded | string> {
  if (wish === 'gpu' && !PREFERENCE.gpu.includes(name)) return 'runs on the CPU only'
  try {
    const loaded = await LOADERS[name](wish)
    if (typeof loaded === 'string') return loaded
    if (wish === 'gpu' && loaded.device !== 'gpu') return `${loaded.version} sees no GPU`
    // only where this process has loaded the library with a GPU before: it cannot be told otherwise any more
    if (wish === 'cpu' && loaded.device === 'gpu') return `${loaded.version} computes on the GPU`
    return (await proveBackend(loaded.tf)) ?? loaded
  } catch (error) {
    return firstLine(error)
  }
}

function described(name: BackendName, { tf, machine, ...info }: Loaded, why: string): OpenBackend {
  return { tf, machine, info: { name, ...info, why } }
}

function reason(found: {
  readonly prefer: BackendName | undefined
  readonly device: DeviceWish
  readonly wish: DeviceWish
  readonly refusals: readonly string[]
}): string {
  const { prefer, device, wish, refusals } = found
  const first = prefer === undefined ? 'the best that is here' : 'asked for by name'
  if (device === wish) return prefer === undefined ? [first, ...refusals].join('; ') : first
  return [first, 'no GPU, and SLUICE_GPU_FALLBACK allows less', ...refusals].join('; ')
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n', 1)[0] ?? text
}
