// The parts of tfjs's wasm backend that reach its memory; none of it is in its public types.
import type { TensorInfo } from '@tensorflow/tfjs'

export interface WasmMemory {
  /** not cleared: it holds what was there before */
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo
  /** a view of the tensor's numbers; memory that grows, as it may with makeOutput, makes it stale */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array
  disposeData(dataId: object): void
}

interface WasmAllocator {
  readonly wasm: { _malloc(bytes: number): number; _free(address: number): void }
}

/** addresses of WebAssembly have 32 bits */
const ADDRESSABLE = 2 ** 32
/** a backend may be opened several times in a process */
const guarded = new WeakSet<object>()

/**
 * Makes the backend throw where memory does not suffice. It itself cuts the size of a tensor to 32 bits and takes the null pointer of a
 * failed allocation for an address, so that a large tensor is written over others or over the program's own data
 * (tfjs-backend-wasm 4.22, BackendWasm.move).
 */
export function refuseFailedAllocations(backend: unknown): void {
  const { wasm } = backend as WasmAllocator
  if (guarded.has(wasm)) return
  guarded.add(wasm)
  wasm._free(wasm._malloc(1)) // Emscripten puts the export itself in this place at the first call
  const allocate = wasm._malloc
  wasm._malloc = (bytes) => {
    const address = bytes < ADDRESSABLE ? allocate(bytes) : 0
    if (address === 0) throw new Error(`WebAssembly failed to allocate ${bytes} bytes`)
    return address
  }
}
