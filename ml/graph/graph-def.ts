// TensorFlow's graph messages, as far as a traced step needs them. Fields: tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto
import { type Bytes, bytesField, concat, floatField, integerField, varint } from './wire.ts'

/** Numbers of tensorflow/core/framework/types.proto. */
export const DATA_TYPES = { float32: 1, int32: 3, int64: 9, bool: 10 } as const

/** GraphDef version that the library is told: what its op defaults are looked up by */
const PRODUCER = 1987
const MIN_CONSUMER = 12

export type AttributeKind = 'string' | 'integer' | 'float' | 'boolean' | 'type' | 'shape'

type Scalar = string | number | boolean | readonly number[]

/** An encoded AttrValue. */
export type Attribute = Bytes

export interface Node {
  readonly name: string
  readonly op: string
  /** "node", "node:output" or "^node" (has run before) */
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export function attribute(kind: AttributeKind, value: Scalar): Attribute {
  switch (kind) {
    case 'string':
      return bytesField(2, value as string)
    case 'integer':
      return integerField(3, value as number)
    case 'float':
      return floatField(4, value as number)
    case 'boolean':
      return integerField(5, value === true ? 1 : 0)
    case 'type':
      return integerField(6, value as number)
    case 'shape':
      return bytesField(7, shapeProto(value as readonly number[]))
  }
}

/** A list attribute, e.g. the strides of a convolution. Lists of numbers are packed. */
export function listAttribute(kind: AttributeKind, values: readonly Scalar[]): Attribute {
  const packed = (field: number): Bytes => bytesField(field, concat(values.map((value) => varint(Number(value)))))
  const encode = (): Bytes => {
    switch (kind) {
      case 'integer':
        return packed(3)
      case 'boolean':
        return packed(5)
      case 'type':
        return packed(6)
      case 'string':
        return concat(values.map((value) => bytesField(2, value as string)))
      case 'float':
        return concat(values.map((value) => floatField(4, value as number)))
      case 'shape':
        return concat(values.map((value) => bytesField(7, shapeProto(value as readonly number[]))))
    }
  }
  return bytesField(1, encode())
}

/** A constant's value; `content` is little-endian. */
export function tensorAttribute(dataType: number, shape: readonly number[], content: Bytes): Attribute {
  return bytesField(8, concat([integerField(1, dataType), bytesField(2, shapeProto(shape)), bytesField(4, content)]))
}

/** A tensor of the graph as callers of a signature see it; a size of −1: any. */
export interface SignatureTensor {
  /** "node:output" */
  readonly tensor: string
  readonly dataType: number
  readonly shape: readonly number[]
}

/** What callers name instead of nodes, e.g. under "serving_default". */
export interface Signature {
  readonly inputs: Readonly<Record<string, SignatureTensor>>
  readonly outputs: Readonly<Record<string, SignatureTensor>>
}

/** A SavedModel with one graph under the tag "serve": saved_model.pb. */
export function savedModel(
  nodes: readonly Node[],
  libraryVersion: string,
  signatures: Readonly<Record<string, Signature>> = {},
): Bytes {
  const versions = concat([integerField(1, PRODUCER), integerField(2, MIN_CONSUMER)])
  const graph = concat([...nodes.map((node) => bytesField(1, nodeDef(node))), bytesField(4, versions)])
  const info = concat([bytesField(4, 'serve'), bytesField(5, libraryVersion)])
  const metaGraph = concat([bytesField(1, info), bytesField(2, graph), mapField(5, signatures, signatureDef)])
  return concat([integerField(1, 1), bytesField(2, metaGraph)])
}

/** Fields: tensorflow/core/protobuf/meta_graph.proto */
function signatureDef({ inputs, outputs }: Signature): Bytes {
  const method = bytesField(3, 'tensorflow/serving/predict')
  return concat([mapField(1, inputs, tensorInfo), mapField(2, outputs, tensorInfo), method])
}

function tensorInfo({ tensor, dataType, shape }: SignatureTensor): Bytes {
  return concat([bytesField(1, tensor), integerField(2, dataType), bytesField(3, shapeProto(shape))])
}

function mapField<T>(field: number, map: Readonly<Record<string, T>>, encode: (value: T) => Bytes): Bytes {
  const entries = Object.entries(map)
  return concat(
    entries.map(([key, value]) => bytesField(field, concat([bytesField(1, key), bytesField(2, encode(value))]))),
  )
}

export function nodeDef({ name, op, inputs, attributes }: Node): Bytes {
  const entries = Object.entries(attributes).map(([key, value]) =>
    bytesField(5, concat([bytesField(1, key), bytesField(2, value)])),
  )
  return concat([bytesField(1, name), bytesField(2, op), ...inputs.map((input) => bytesField(3, input)), ...entries])
}

function shapeProto(shape: readonly number[]): Bytes {
  return concat(shape.map((size) => bytesField(2, integerField(1, size))))
}
