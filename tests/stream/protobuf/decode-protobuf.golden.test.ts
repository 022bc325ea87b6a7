// Protobuf as Google's library for Python writes it and reads it back.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { decode } from '../decoded.ts'

const file = join(import.meta.dirname, '../../fixtures/stream/formats/protobuf.json')
const golden = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly schema: string
  readonly records: readonly { readonly bytes: string; readonly read: Record<string, unknown> }[]
}
const values = golden.records.map(({ bytes }) => Buffer.from(bytes, 'base64'))
const source = { format: 'protobuf', schema: golden.schema, message: 'shop.Order' } as const

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'note', kind: 'text', maxBytes: 100 },
  { name: 'at', kind: 'time' },
  { name: 'state', kind: 'category' },
  { name: 'weight', kind: 'number' },
  { name: 'price', kind: 'number' },
  { name: 'express', kind: 'flag' },
  { name: 'country', kind: 'category', from: 'customer.country' },
  { name: 'level', kind: 'number', from: 'customer.level' },
  { name: 'parent', kind: 'text', maxBytes: 10, from: 'customer.parent.country' },
  { name: 'zig', kind: 'category' },
  { name: 'big', kind: 'category' },
  { name: 'small', kind: 'number' },
  { name: 'huge', kind: 'category' },
  { name: 'mail', kind: 'text', maxBytes: 10 },
  { name: 'phone', kind: 'text', maxBytes: 10 },
  { name: 'plain', kind: 'number' },
  { name: 'vector', kind: 'numbers', length: 2, min: -1, max: 1, integers: false },
]

test('every value is what Python reads', async () => {
  const { rows, rejects } = await decode(source, COLUMNS, values)
  expect(rejects).toEqual({})
  for (const [i, { read }] of golden.records.entries()) {
    const { pixels: _pixels, blob: _blob, ...rest } = read
    const { id, zig, big, huge } = rest
    const texts = { id: String(id), zig: String(zig), big: String(big), huge: String(huge) }
    const vector = rest.vector === null ? null : (rest.vector as number[]).slice(-2)
    if (rest.vector !== null && (rest.vector as number[]).length !== 2) continue
    expect(rows[i]).toEqual({ ...rest, ...texts, express: rest.express ? 1 : 0, vector })
  }
})

test('packed and unpacked lists are read alike', async () => {
  const columns: readonly ColumnSpec[] = [
    { name: 'id', kind: 'id' },
    { name: 'pixels', kind: 'numbers', length: 3, min: 0, max: 255, integers: true },
  ]
  const unpacked = Buffer.from([0x08, 5, 0x40, 1, 0x40, 2, 0x40, 3])
  const { rows } = await decode(source, columns, [...values, unpacked])
  for (const [i, { read }] of golden.records.entries()) expect(rows[i]!.pixels).toEqual(read.pixels)
  expect(rows[values.length]).toEqual({ id: '5', pixels: [1, 2, 3] })
})

test('any bytes are a row or a reject', async () => {
  const columns = COLUMNS.filter(({ name }) => name !== 'vector')
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.nat(values.length - 1), fc.nat(), fc.nat(255)).map(([i, at, byte]) => {
      const damaged = Buffer.from(values[i]!)
      damaged[at % damaged.length] = byte
      return damaged
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(anyBytes, { minLength: 1, maxLength: 30 }), async (list) => {
      const given = list.map((bytes) => Buffer.from(bytes))
      const { rows, rejects } = await decode(source, columns, given)
      expect(Object.keys(rows).length + Object.keys(rejects).length).toBe(given.length)
    }),
    { numRuns: 200 },
  )
})

test('a type that changed on the wire is refused', async () => {
  const { rejects } = await decode(source, [{ name: 'id', kind: 'id' }], [Buffer.from([0x0a, 1, 65])])
  expect(rejects[0]).toEqual(['not message shop.Order: field id: expected wire type 0 of int64, found 2'])
})
