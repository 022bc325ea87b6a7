// Avro as fastavro writes it, and as fastavro reads it back under another schema.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { avroValueDecoder } from '../../../stream/avro/decode-avro.ts'
import { parseAvroSchema } from '../../../stream/avro/schema.ts'
import { decimalText } from '../../../stream/avro/values.ts'
import { rowCollector } from '../../../stream/rows/rows.ts'
import { decode } from '../decoded.ts'
import { rawRecord } from '../raw-record.ts'

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/stream/formats/avro.json'), 'utf8'),
) as {
  readonly writer: string
  readonly reader: string
  readonly records: readonly { readonly bytes: string; readonly read: Record<string, unknown> }[]
}
const values = golden.records.map(({ bytes }) => Buffer.from(bytes, 'base64'))

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'note', kind: 'text', maxBytes: 1000 },
  { name: 'at', kind: 'time' },
  { name: 'day', kind: 'time' },
  { name: 'price', kind: 'number' },
  { name: 'priceText', kind: 'text', maxBytes: 100, from: 'price' },
  { name: 'fee', kind: 'number' },
  { name: 'token', kind: 'text', maxBytes: 36 },
  { name: 'state', kind: 'category', values: ['OPEN', 'PAID', 'OTHER'] },
  { name: 'weight', kind: 'number' },
  { name: 'count', kind: 'number' },
  { name: 'express', kind: 'flag' },
  { name: 'channel', kind: 'category' },
  { name: 'color', kind: 'category', from: 'tags.color' },
  { name: 'country', kind: 'category', from: 'customer.country' },
  { name: 'level', kind: 'number', from: 'customer.level' },
]

/** What a record should become, from what fastavro read. */
function expected(read: Record<string, unknown>): Record<string, unknown> {
  const customer = read.customer as Record<string, unknown> | null
  const { id, at, day, note, token, state, weight, count, express, channel } = read
  return {
    at,
    day,
    note,
    token,
    state,
    weight,
    count,
    channel,
    id: String(id),
    price: Number(read.price),
    priceText: read.price,
    fee: Number(read.fee),
    express: express === true ? 1 : 0,
    color: (read.tags as Record<string, unknown>).color ?? null,
    country: customer?.country ?? null,
    level: customer?.level ?? null,
  }
}

test('writer’s records resolve to the reader’s schema', () => {
  const rows = rowCollector(COLUMNS, 0)
  const schemas = { writer: parseAvroSchema(golden.writer), reader: parseAvroSchema(golden.reader) }
  const decodeValue = avroValueDecoder(schemas, COLUMNS, rows)
  for (const value of values) decodeValue(rawRecord({ value }), 6, 6 + value.length)
  const { columns, rejects } = rows.finish()
  expect(rejects).toEqual([])
  expect(columns!.rows).toBe(120)
})

test('every value is what fastavro reads', async () => {
  const schema = { format: 'avro', text: golden.writer, references: [] } as const
  const registry = { schemaOf: async () => schema, loaded: () => undefined }
  const source = { format: 'avro', schema: golden.reader, registry: true } as const
  const framed = values.map((value) => Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), value]))
  const { rows, rejects } = await decode(source, COLUMNS, framed, { registry })
  expect(rejects).toEqual({})
  for (const [i, { read }] of golden.records.entries()) expect(rows[i]).toEqual(expected(read))
})

test('lists and bytes become lists of numbers', async () => {
  const columns: readonly ColumnSpec[] = [
    { name: 'order_id', kind: 'id' },
    { name: 'pixels', kind: 'numbers', length: 3, min: 0, max: 255, integers: true },
    { name: 'blob', kind: 'numbers', length: 4, min: 0, max: 255, integers: true },
  ]
  const { rows, rejects } = await decode({ format: 'avro', schema: golden.writer }, columns, values)
  let fitting = 0
  for (const [i, { read }] of golden.records.entries()) {
    const { pixels, blob } = read as { pixels: number[]; blob: number[] }
    const reasons = [
      ...(pixels.length === 3 ? [] : [`pixels: expected a list of 3 numbers, found ${pixels.length} elements`]),
      ...(blob.length === 4 ? [] : [`blob: expected a list of 4 numbers, found ${blob.length} elements`]),
    ]
    if (reasons.length > 0) expect(rejects[i]).toEqual(reasons)
    else expect(rows[i]).toMatchObject({ pixels, blob, ...(++fitting && {}) })
  }
  expect(fitting).toBeGreaterThan(20)
})

test('integers that no float holds are refused', async () => {
  const columns: readonly ColumnSpec[] = [
    { name: 'id', kind: 'id', from: 'order_id' },
    { name: 'order_id', kind: 'number' },
  ]
  const { rows, rejects } = await decode({ format: 'avro', schema: golden.writer }, columns, values)
  for (const [i, { read }] of golden.records.entries()) {
    const exact = BigInt(read.id as string | number)
    if (BigInt(Number(exact)) === exact) expect(rows[i]).toEqual({ id: String(exact), order_id: Number(exact) })
    else expect(rejects[i]).toEqual([`order_id: expected an integer that a 64-bit float holds exactly, found ${exact}`])
  }
  expect(Object.keys(rejects).length).toBeGreaterThan(10)
})

test('records cut anywhere are rejected, never thrown', async () => {
  const columns: readonly ColumnSpec[] = [{ name: 'order_id', kind: 'id' }]
  const cuts = values.slice(0, 12).flatMap((value) => Array.from(value.keys(), (length) => value.subarray(0, length)))
  const { rows } = await decode({ format: 'avro', schema: golden.writer }, columns, cuts)
  expect(rows).toEqual({})
})

test('bytes behind a record are refused', async () => {
  const columns: readonly ColumnSpec[] = [{ name: 'order_id', kind: 'id' }]
  const longer = Buffer.concat([values[0]!, Buffer.from([0])])
  const { rejects } = await decode({ format: 'avro', schema: golden.writer }, columns, [longer])
  expect(rejects[0]).toEqual(['not Avro of this schema: expected the end of the record, found 1 bytes more'])
})

test.each([
  [[5], 2, '0.05'],
  [[0xfb], 2, '-0.05'],
  [[0], 3, '0.000'],
  [[0x80], 1, '-12.8'],
  [[0x00, 0x80], 0, '128'],
  [[0xff, 0xff, 0xff], 6, '-0.000001'],
])('bytes %j with scale %i are %s', (bytes, scale, text) => {
  expect(decimalText(Uint8Array.from(bytes), scale)).toBe(text)
})
