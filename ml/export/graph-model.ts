// A frozen graph as a tfjs graph model: model.json and one file of weights, for tf.loadGraphModel in browsers and elsewhere.
import { failure } from '../../schemas/failures.ts'
import { DATA_TYPES, type Node } from '../graph/graph-def.ts'
import { jsonOf, messageOf, shapeJson, TYPE_NAMES } from './attribute-json.ts'
import { type FrozenGraph, INPUT, OUTPUT } from './frozen-graph.ts'

export const WEIGHTS_FILE = 'weights.bin'

/** What the tfjs converter writes: https://github.com/tensorflow/tfjs/tree/master/tfjs-converter */
export interface GraphModelFiles {
  /** content of model.json */
  readonly model: {
    readonly format: 'graph-model'
    readonly generatedBy: string
    readonly convertedBy: string
    readonly signature: unknown
    readonly modelTopology: { readonly node: readonly unknown[]; readonly versions: { readonly producer: number } }
    readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[]
  }
  /** content of the one weights file, in the order of the manifest */
  readonly weights: Uint8Array<ArrayBuffer>
}

interface WeightEntry {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32' | 'bool'
}

const WEIGHT_TYPES: Readonly<Record<number, WeightEntry['dtype']>> = {
  [DATA_TYPES.float32]: 'float32',
  [DATA_TYPES.int32]: 'int32',
  [DATA_TYPES.int64]: 'int32', // tfjs knows no other integers
  [DATA_TYPES.bool]: 'bool',
}

/** Throws GRAPH_UNTRACEABLE for a constant of a type that tfjs does not know. */
export function encodeGraphModel(
  { nodes, rows, inputs, outputs }: FrozenGraph,
  libraryVersion: string,
): GraphModelFiles {
  const constants = nodes.filter(({ op }) => op === 'Const').map(constantOf)
  const tensor = (name: string, size: number): unknown => ({
    name: `${name}:0`,
    dtype: TYPE_NAMES[DATA_TYPES.float32],
    tensorShape: shapeJson({ dim: [{ size: rows ?? -1 }, { size }] }),
  })
  return {
    model: {
      format: 'graph-model',
      generatedBy: `TensorFlow ${libraryVersion}`,
      convertedBy: 'sluice',
      signature: { inputs: { [INPUT]: tensor(INPUT, inputs) }, outputs: { [OUTPUT]: tensor(OUTPUT, outputs) } },
      modelTopology: { node: nodes.map(nodeJson), versions: { producer: 1987 } },
      weightsManifest: [{ paths: [WEIGHTS_FILE], weights: constants.map(({ entry }) => entry) }],
    },
    weights: new Uint8Array(Buffer.concat(constants.map(({ bytes }) => bytes))),
  }
}

/** The two files as tf.io hands them to a loader. */
export function artifactsOf({ model, weights }: GraphModelFiles) {
  const { modelTopology, weightsManifest, format, generatedBy, convertedBy, signature } = model
  return {
    modelTopology,
    format,
    generatedBy,
    convertedBy,
    signature: signature as object,
    weightSpecs: weightsManifest.flatMap((group) =>
      group.weights.map((entry) => ({ ...entry, shape: [...entry.shape] })),
    ),
    weightData: weights.buffer,
  }
}

/** A constant's value stands in the weights file, its node keeps type and shape. */
function nodeJson({ name, op, inputs, attributes }: Node): unknown {
  const attr = Object.entries(attributes).map(([key, encoded]) => [key, valueJson(op, key, encoded)])
  return { name, op, input: inputs, attr: Object.fromEntries(attr) }
}

function valueJson(op: string, key: string, encoded: Uint8Array): unknown {
  const { tensor } = op === 'Const' && key === 'value' ? messageOf(encoded) : {}
  if (tensor === undefined) return jsonOf(encoded)
  return { tensor: { dtype: TYPE_NAMES[tensor.dtype], tensorShape: shapeJson(tensor.tensorShape) } }
}

function constantOf({ name, attributes }: Node): { entry: WeightEntry; bytes: Uint8Array } {
  const { dtype: number, tensorShape, tensorContent } = messageOf(attributes.value!).tensor!
  const dtype = WEIGHT_TYPES[number]
  if (dtype === undefined) throw failure('GRAPH_UNTRACEABLE', { found: `constant ${name} is of type ${number}` })
  const shape = (tensorShape.dim ?? []).map(({ size }) => Number(size))
  return {
    entry: { name, shape, dtype },
    bytes: number === DATA_TYPES.int64 ? lowHalves(tensorContent) : tensorContent,
  }
}

function lowHalves(int64s: Uint8Array): Uint8Array {
  const values = new BigInt64Array(Uint8Array.from(int64s).buffer)
  return new Uint8Array(Int32Array.from(values, Number).buffer)
}
