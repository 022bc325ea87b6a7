// tfjs on WebAssembly: no native code to build, several times faster than plain JavaScript.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { activate, type Loaded } from './loaded.ts'
import { machineKind, processorName } from './processor.ts'
import { registerWasmKernels } from './wasm-kernels.ts'
import { refuseFailedAllocations } from './wasm-memory.ts'

const { resolve } = createRequire(import.meta.url)

export async function loadWasm(): Promise<Loaded | string> {
  const tf = (await import('@tensorflow/tfjs')).default
  const wasm = (await import('@tensorflow/tfjs-backend-wasm')).default
  // set before the first use; a second call with the backend up would throw
  if (tf.engine().registry.wasm === undefined) {
    wasm.setWasmPaths(`${join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`)
  }
  const refusal = await activate(tf, 'wasm')
  if (refusal !== undefined) return refusal
  registerWasmKernels(tf)
  refuseFailedAllocations(tf.backend())
  // tfjs takes one thread in Node, whatever the machine has
  const machine = machineKind({ threads: 1 })
  return { tf, machine, version: `tfjs ${tf.version.tfjs}`, device: 'cpu', deviceName: processorName() }
}
