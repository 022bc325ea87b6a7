// The bytes of graph files are what protobufjs, an independent writer and reader, makes of them.
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { attribute, listAttribute, savedModel, tensorAttribute } from '../../../ml/graph/graph-def.ts'
import { bytesField, concat, floatField, integerField, varint } from '../../../ml/graph/wire.ts'

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Dim { int64 size = 1; }
  message Shape { repeated Dim dim = 2; }
  message Tensor { int32 dtype = 1; Shape shape = 2; bytes content = 4; }
  message List { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; repeated Shape shape = 7; }
  message Attr { List list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7; Tensor tensor = 8; }
  message Node { string name = 1; string op = 2; repeated string input = 3; map<string, Attr> attr = 5; }
  message Versions { int32 producer = 1; int32 min_consumer = 2; }
  message Graph { repeated Node node = 1; Versions versions = 4; }
  message Info { repeated string tags = 4; string tensorflow_version = 5; }
  message Meta { Info info = 1; Graph graph = 2; }
  message Saved { int64 version = 1; repeated Meta meta = 2; }
`)

function read(type: string, bytes: Uint8Array): Record<string, unknown> {
  return root.lookupType(type).toObject(root.lookupType(type).decode(bytes), { longs: Number, bytes: Array })
}

describe('the encoder', () => {
  it('writes integers as protobufjs does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect([...varint(value)]).toEqual([...protobuf.Writer.create().int64(value).finish()])
      }),
    )
  })
  it('writes fields as protobufjs does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), fc.float(), fc.string(), (field, n, f, text) => {
        const writer = protobuf.Writer.create()
        writer.uint32(field * 8).int64(n)
        writer.uint32(field * 8 + 5).float(f)
        writer.uint32(field * 8 + 2).string(text)
        const found = concat([integerField(field, n), floatField(field, f), bytesField(field, text)])
        expect([...found]).toEqual([...writer.finish()])
      }),
    )
  })
})

describe('an attribute', () => {
  it.each([
    ['string', 'NHWC', { s: [78, 72, 87, 67] }],
    ['integer', -1, { i: -1 }],
    ['float', 0.5, { f: 0.5 }],
    ['boolean', true, { b: true }],
    ['type', 3, { type: 3 }],
    ['shape', [2, 3], { shape: { dim: [{ size: 2 }, { size: 3 }] } }],
    ['shape', [], { shape: {} }],
  ] as const)('holds a %s: %s', (kind, value, expected) => {
    expect(read('Attr', attribute(kind, value))).toEqual(expected)
  })
  it.each([
    ['string', ['a', 'b'], { s: [[97], [98]] }],
    ['integer', [1, -2], { i: [1, -2] }],
    ['float', [0.5, 2], { f: [0.5, 2] }],
    ['boolean', [true, false], { b: [true, false] }],
    ['type', [1, 10], { type: [1, 10] }],
    ['shape', [[4]], { shape: [{ dim: [{ size: 4 }] }] }],
  ] as const)('holds a list of kind %s', (kind, values, list) => {
    expect(read('Attr', listAttribute(kind, values))).toEqual({ list })
  })
  it('holds a tensor', () => {
    const content = new Uint8Array(Int32Array.of(7, 8).buffer)
    expect(read('Attr', tensorAttribute(3, [2], content))).toEqual({
      tensor: { dtype: 3, shape: { dim: [{ size: 2 }] }, content: [7, 0, 0, 0, 8, 0, 0, 0] },
    })
  })
})

describe('a saved model', () => {
  it('holds its nodes under the tag serve', () => {
    const node = { name: 'n', op: 'Identity', inputs: ['x', '^y'], attributes: { T: attribute('type', 1) } }
    expect(read('Saved', savedModel([node], '2.0'))).toEqual({
      version: 1,
      meta: [
        {
          info: { tags: ['serve'], tensorflowVersion: '2.0' },
          graph: {
            node: [{ name: 'n', op: 'Identity', input: ['x', '^y'], attr: { T: { type: 1 } } }],
            versions: { producer: 1987, minConsumer: 12 },
          },
        },
      ],
    })
  })
})
