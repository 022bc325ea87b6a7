// Attributes of graph nodes, read back: for comparing two graphs and for the JSON form of tfjs. Fields: tensorflow/core/framework/attr_value.proto
import protobuf from 'protobufjs'
import type { Attribute } from '../graph/graph-def.ts'

const PROTO = `
syntax = "proto3";
message Dim { int64 size = 1; }
message Shape { repeated Dim dim = 2; }
message Tensor { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
message ListValue {
  repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; repeated Shape shape = 7;
}
message AttrValue {
  oneof value { ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7; Tensor tensor = 8; }
}`

export interface ShapeMessage {
  readonly dim?: readonly { readonly size: number }[]
}

/** Exactly one field is there. */
export interface AttributeMessage {
  readonly list?: Readonly<Record<string, readonly unknown[]>>
  readonly s?: Uint8Array
  readonly i?: number
  readonly f?: number
  readonly b?: boolean
  readonly type?: number
  readonly shape?: ShapeMessage
  readonly tensor?: {
    readonly dtype: number
    readonly tensorShape: ShapeMessage
    readonly tensorContent: Uint8Array
  }
}

const AttrValue = protobuf.parse(PROTO).root.lookupType('AttrValue')

/** The attribute's fields; 64-bit integers as numbers. */
export function messageOf(encoded: Attribute): AttributeMessage {
  const message = AttrValue.decode(encoded)
  return AttrValue.toObject(message, { longs: Number }) as AttributeMessage
}

/** Names of types.proto by number; those that graphs of this program hold. */
export const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'DT_FLOAT',
  3: 'DT_INT32',
  9: 'DT_INT64',
  10: 'DT_BOOL',
}

/** The form of https://protobuf.dev/programming-guides/json: types by name, bytes in base64, 64-bit integers as text. */
export function jsonOf(encoded: Attribute): unknown {
  const { list, s, i, type, shape, ...rest } = messageOf(encoded)
  if (list !== undefined) return { list: listJson(list) }
  if (s !== undefined) return { s: base64(s) }
  if (i !== undefined) return { i: String(i) }
  if (type !== undefined) return { type: TYPE_NAMES[type] }
  if (shape !== undefined) return { shape: shapeJson(shape) }
  return rest
}

export function shapeJson({ dim = [] }: ShapeMessage): unknown {
  return { dim: dim.map(({ size }) => ({ size: String(size) })) }
}

function listJson({ s, i, type, shape, ...rest }: NonNullable<AttributeMessage['list']>): unknown {
  if (s !== undefined) return { s: s.map((each) => base64(each as Uint8Array)) }
  if (i !== undefined) return { i: i.map(String) }
  if (type !== undefined) return { type: type.map((each) => TYPE_NAMES[each as number]) }
  if (shape !== undefined) return { shape: shape.map((each) => shapeJson(each as ShapeMessage)) }
  return rest
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
