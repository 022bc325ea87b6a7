// Runs a function once on zeros and writes down every TensorFlow operation that it executes.
import type { Tensor } from '@tensorflow/tfjs'
import { failure } from '../../schemas/failures.ts'
import { type Binding, type NativeBackend, nativeBackend, type OpAttribute, type OpInput } from '../backends/native.ts'
import type { Tf } from '../tf.ts'
import {
  type Attribute,
  type AttributeKind,
  attribute,
  DATA_TYPES,
  listAttribute,
  type Node,
  tensorAttribute,
} from './graph-def.ts'

/** A tensor that stands for a node of the graph while tracing. */
export interface Placeholder {
  readonly node: string
  readonly shape: readonly number[]
  /** default: float32 */
  readonly dtype?: 'float32' | 'int32'
  /** what the trace computes with, the caller's; default: zeros, made for it */
  readonly value?: Tensor
}

export interface Trace {
  readonly nodes: readonly Node[]
  /** for each result of the function, the node that computes it */
  readonly results: readonly string[]
  /** node → shape of its first output in this trace; constants and inputs are left out */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** every operation in the order of execution */
  readonly calls: readonly Call[]
}

/** An operation that was executed, and what came of it. */
interface Call {
  readonly op: string
  readonly node: string
  readonly outputs: readonly { readonly shape: number[]; readonly dtype: number }[]
}

/** Where the value of a tensor comes from in the graph. */
interface Origin {
  readonly node: string
  /** true: its value was copied into the graph, so reading it in JavaScript does no harm */
  readonly constant: boolean
}

/**
 * Traces `compute`: an ordinary function of tensors. `prefix` starts the names of its nodes. Tensors that it captures become constants.
 * Throws GRAPH_UNTRACEABLE when it reads values in JavaScript, since what follows would depend on the zeros of the trace.
 * `earlier`: a trace of the same function. Nothing is computed then; its results tell the shapes, and the first operation that differs
 * throws GRAPH_UNTRACEABLE too.
 */
export function trace(
  tf: Tf,
  {
    prefix,
    inputs,
    compute,
    earlier,
  }: { prefix: string; inputs: readonly Placeholder[]; compute: (inputs: Tensor[]) => Tensor[]; earlier?: Trace },
): Trace {
  const recorder = createRecorder(nativeBackend(tf), prefix, earlier)
  let results: string[] = []
  tf.tidy(() => {
    const tensors = inputs.map(({ shape, dtype = 'float32', value }) => value ?? tf.zeros([...shape], dtype))
    tensors.forEach((tensor, i) => {
      recorder.name(tensor, inputs[i]!.node)
    })
    const restore = recorder.listen()
    try {
      results = compute(tensors).map((result) => recorder.nodeOf(result))
    } finally {
      restore()
    }
  })
  return { nodes: recorder.nodes, results, shapes: recorder.shapes, calls: recorder.calls }
}

interface Recorder {
  readonly nodes: Node[]
  readonly shapes: Map<string, readonly number[]>
  readonly calls: Call[]
  name(tensor: Tensor, node: string): void
  nodeOf(input: OpInput): string
  /** wraps the backend → what unwraps it */
  listen(): () => void
}

function createRecorder(backend: NativeBackend, prefix: string, earlier?: Trace): Recorder {
  const nodes: Node[] = []
  const calls: Call[] = []
  const shapes = new Map<string, readonly number[]>()
  const origins = new Map<object, Origin>() // holds the data ids, so that none is used twice
  const { executeSingleOutput, executeMultipleOutputs, readSync } = backend

  const add = (op: string, inputs: readonly string[], attributes: Node['attributes']): string => {
    const name = `${prefix}/${nodes.length}_${op}`
    nodes.push({ name, op, inputs, attributes })
    return name
  }
  const constant = (dataType: number, shape: readonly number[], values: ArrayBufferView): string => {
    const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    const value = tensorAttribute(dataType, shape, content)
    return add('Const', [], { dtype: attribute('type', dataType), value })
  }
  const nodeOf = (input: OpInput): string => {
    if ('valueArray' in input) return constant(DATA_TYPES.int64, [], input.valueArray)
    const known = origins.get(input.dataId)
    if (known !== undefined) return known.node
    const values = readSync.call(backend, input.dataId)
    const node = constant(dataTypeOf(input.dtype), input.shape, values)
    origins.set(input.dataId, { node, constant: true })
    return node
  }
  const record = (op: string, attributes: readonly OpAttribute[], refs: readonly string[], outputs: Tensor[]): void => {
    const encoded = encodeAttributes(backend.binding, op, attributes)
    // tfjs-node leaves this type to the library, which guesses it for single operations but not in a graph
    if (op === 'ExpandDims') encoded.T = attribute('type', dataTypeOf(outputs[0]!.dtype))
    const node = add(op, refs, encoded)
    calls.push({ op, node, outputs: outputs.map(({ shape, dtype }) => ({ shape, dtype: dataTypeOf(dtype) })) })
    if (outputs[0] !== undefined) shapes.set(node, outputs[0].shape)
    outputs.forEach(({ dataId }, i) => {
      origins.set(dataId, { node: i === 0 ? node : `${node}:${i}`, constant: false })
    })
  }
  /** Tensors without values, as the same operation gave them earlier. */
  const outputsOf = (op: string, { calls: before }: Trace): Tensor[] => {
    const call = before[calls.length]
    if (call?.op !== op) throw changing(call?.node ?? op)
    return call.outputs.map((output) => backend.createOutputTensor({ ...output, id: -1 }))
  }
  const listen = (): (() => void) => {
    backend.executeSingleOutput = (op, attributes, inputs) => {
      const refs = inputs.map(nodeOf)
      const [output] = earlier ? outputsOf(op, earlier) : [executeSingleOutput.call(backend, op, attributes, inputs)]
      record(op, attributes, refs, [output!])
      return output!
    }
    backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const refs = inputs.map(nodeOf)
      const outputs = earlier
        ? outputsOf(op, earlier)
        : executeMultipleOutputs.call(backend, op, attributes, inputs, count)
      record(op, attributes, refs, outputs)
      return outputs
    }
    backend.readSync = (dataId) => {
      const origin = origins.get(dataId)
      if (origin !== undefined && !origin.constant)
        throw untraceable(`the value of ${origin.node} is read in JavaScript`)
      return readSync.call(backend, dataId)
    }
    return () => Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync })
  }
  return {
    nodes,
    shapes,
    calls,
    name: ({ dataId }, node) => void origins.set(dataId, { node, constant: false }),
    nodeOf,
    listen,
  }
}

export function untraceable(found: string): Error {
  return failure('GRAPH_UNTRACEABLE', { found })
}

/** What differs between two traces: a graph would repeat the first one for ever. */
export function changing(node: string): Error {
  return untraceable(`it is another graph each time from ${node} on (a number drawn in JavaScript?)`)
}

function encodeAttributes(binding: Binding, op: string, attributes: readonly OpAttribute[]): Record<string, Attribute> {
  const kinds: Record<number, AttributeKind> = {
    [binding.TF_ATTR_STRING]: 'string',
    [binding.TF_ATTR_INT]: 'integer',
    [binding.TF_ATTR_FLOAT]: 'float',
    [binding.TF_ATTR_BOOL]: 'boolean',
    [binding.TF_ATTR_TYPE]: 'type',
    [binding.TF_ATTR_SHAPE]: 'shape',
  }
  const encoded: Record<string, Attribute> = {}
  for (const { name, type, value } of attributes) {
    const kind = kinds[type]
    if (kind === undefined) throw untraceable(`attribute ${name} of ${op} is of an unknown kind`)
    const isList = Array.isArray(value) && (kind !== 'shape' || Array.isArray(value[0]))
    encoded[name] = isList ? listAttribute(kind, value as string[]) : attribute(kind, value as string)
  }
  return encoded
}

function dataTypeOf(dtype: string): number {
  const number = (DATA_TYPES as Record<string, number>)[dtype]
  if (number === undefined) throw untraceable(`a constant of type ${dtype}`)
  return number
}
