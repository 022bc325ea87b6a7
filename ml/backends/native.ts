// The parts of tfjs-node's backend that tracing and running a graph touch. None of it is in its public types.
import type { Tensor, TensorInfo } from '@tensorflow/tfjs'
import type { Tf } from '../tf.ts'

export interface OpAttribute {
  readonly name: string
  /** one of the binding's TF_ATTR_… numbers */
  readonly type: number
  readonly value: unknown
}

/** An int64 scalar that tfjs-node hands to operations without making a tensor of it. */
export interface Int64Scalar {
  /** low and high half */
  readonly valueArray: Int32Array
}

export type OpInput = TensorInfo | Int64Scalar

interface OutputMetadata {
  readonly id: number
  readonly shape: number[]
  readonly dtype: number
}

export interface Binding {
  readonly TF_Version: string
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_ATTR_STRING: number
  readonly TF_ATTR_INT: number
  readonly TF_ATTR_FLOAT: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_SHAPE: number
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(session: number): void
  runSavedModel(session: number, inputIds: number[], inputs: string, outputs: string): OutputMetadata[]
}

export interface NativeBackend {
  readonly binding: Binding
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: OpInput[]): Tensor
  executeMultipleOutputs(op: string, attributes: OpAttribute[], inputs: OpInput[], outputs: number): Tensor[]
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array
  getInputTensorIds(tensors: readonly Tensor[]): number[]
  createOutputTensor(metadata: OutputMetadata): Tensor
}

/** The active backend; only to be asked for when it is `tensorflow`. */
export function nativeBackend(tf: Tf): NativeBackend {
  return tf.backend() as unknown as NativeBackend
}

/** TensorFlow's number of a tensor's type: float32 or int32. */
export function typeNumberOf({ binding }: NativeBackend, { dtype }: Pick<TensorInfo, 'dtype'>): number {
  return dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT
}

/** Runs an operation whose one attribute, T, is the type of its inputs. */
export function executeTyped(backend: NativeBackend, op: string, inputs: [Tensor, ...Tensor[]]): Tensor {
  const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: typeNumberOf(backend, inputs[0]) }
  return backend.executeSingleOutput(op, [type], inputs)
}
