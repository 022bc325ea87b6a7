// The parts of tfjs's wasm backend that reach its memory; none of it is in its public types.
import type { TensorInfo } from '@tensorflow/tfjs'

export interface WasmMemory {
  /** not cleared: it holds what was there before */
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo
  /** a view of the tensor's numbers; memory that grows, as it may with makeOutput, makes it stale */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array
  disposeData(dataId: object): void
}
