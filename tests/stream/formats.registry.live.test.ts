// Confluent's wire format end to end: a real registry (Apicurio), Python's serializers, a real broker, sluice's decoders.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { loadConfig } from '../../core/config.ts'
import { ensurePythonPeers, type PythonPeers } from '../../infra/testing/python-peers.ts'
import { type LocalRegistry, startSchemaRegistry } from '../../infra/testing/schema-registry.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { SourceSpec } from '../../schemas/plan.ts'
import type { Broker } from '../../stream/broker.ts'
import { type DecodedRange, readColumnsOfRange } from '../../stream/ingest.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import { type SchemaRegistry, schemaRegistry } from '../../stream/schema-registry.ts'
import { columnValues } from './cells.ts'
import { newTopicName } from './live-kafka.ts'

const { brokers } = inject('endpoints').kafka
const { cacheDir } = loadConfig()
const say = (line: string): void => console.log(line)
let peers: PythonPeers
let local: LocalRegistry
let registry: SchemaRegistry
let broker: Broker

beforeAll(async () => {
  peers = await ensurePythonPeers({ cacheDir, say })
  local = await startSchemaRegistry({ cacheDir, say })
  registry = schemaRegistry({ url: local.url, timeoutMs: 10_000 })
  broker = await connectBroker({ brokers })
}, 300_000)
afterAll(() => Promise.all([local?.stop(), broker?.close()]))

/** Runs tests/fixtures/stream/formats/send.py; its last line is JSON. */
function python(...args: string[]): unknown {
  if (!peers.ok) throw new Error(peers.why)
  const script = join(import.meta.dirname, '../fixtures/stream/formats/send.py')
  const env = { ...process.env, PYTHONPATH: peers.path }
  const run = spawnSync(peers.command, [script, brokers.join(','), ...args], { env, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(run.stderr)
  return JSON.parse(run.stdout.trim().split('\n').at(-1)!)
}

async function register(subject: string, body: Record<string, unknown>): Promise<number> {
  const response = await fetch(`${local.url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  })
  const { id } = (await response.json()) as { id: number }
  expect(id).toBeTypeOf('number')
  return id
}

async function newTopic(): Promise<string> {
  const topic = newTopicName()
  await broker.createTopic({ topic, partitions: 1, settings: { 'retention.ms': '-1' } })
  return topic
}

async function ingest(source: SourceSpec, columns: readonly ColumnSpec[]): Promise<DecodedRange> {
  const [ends] = await broker.topicEnds(source.topic)
  const range = { topic: source.topic, partition: 0, start: 0, end: ends!.lastStableOffset }
  const pieces: DecodedRange[] = []
  for await (const piece of readColumnsOfRange({ broker, range, columns, source, registry, maxBytes: 1e9 }))
    pieces.push(piece)
  expect(pieces).toHaveLength(1)
  return pieces[0]!
}

const avroRecord = (fields: readonly unknown[]): string =>
  JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields })

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'amount', kind: 'number' },
  { name: 'city', kind: 'category', from: 'address.city' },
]
const ID = { name: 'id', type: 'long' }
const ADDRESS = {
  name: 'address',
  type: ['null', { type: 'record', name: 'Address', fields: [{ name: 'city', type: 'string' }] }],
  default: null,
}

describe('a topic in the wire format', () => {
  test('Avro schemas evolve within a topic', async ({ skip }) => {
    if (!peers.ok) skip(peers.why)
    const topic = await newTopic()
    const first = avroRecord([ID, { name: 'amount', type: 'int' }])
    const second = avroRecord([ID, { name: 'amount', type: 'double' }, ADDRESS])
    const third = avroRecord([ID, { name: 'amount', type: 'string' }])
    const ids: number[] = []
    // each under a subject of its own: registries refuse incompatible schemas of one subject
    for (const [i, schema] of [first, second, third].entries()) ids.push(await register(`${topic}-${i}`, { schema }))
    const lines = [
      [ids[0], first, { id: 1, amount: 5 }],
      [ids[1], second, { id: 2, amount: 2.5, address: { city: 'Köln' } }],
      [ids[2], third, { id: 3, amount: 'much' }],
      [ids[0], first, { id: 4, amount: -5 }],
      [987_654, first, { id: 5, amount: 1 }],
    ]
    python('avro', topic, JSON.stringify(lines))
    const { columns, rejects } = await ingest({ topic, format: 'avro', registry: true }, COLUMNS)
    expect(columnValues(columns!, 'id')).toEqual(['1', '2', '4'])
    expect(columnValues(columns!, 'amount')).toEqual([5, 2.5, -5])
    expect(columnValues(columns!, 'city')).toEqual([null, 'Köln', null])
    expect(rejects.map(({ offset, reasons }) => [offset, reasons])).toEqual([
      [2, [`schema ${ids[2]}: amount: expected a finite number, found "much"`]],
      [4, ['schema 987654: expected a schema that the registry knows, found none']],
    ])
  })

  test('Avro resolves to the pipeline’s schema', async ({ skip }) => {
    if (!peers.ok) skip(peers.why)
    const topic = await newTopic()
    const writer = avroRecord([{ name: 'number', type: 'int' }])
    const incompatible = avroRecord([{ name: 'number', type: 'boolean' }])
    const reader = avroRecord([
      { name: 'id', type: 'long', aliases: ['number'] },
      { name: 'amount', type: 'double', default: 7.5 },
      ADDRESS,
    ])
    const id = await register(`${topic}-0`, { schema: writer })
    const wrong = await register(`${topic}-1`, { schema: incompatible })
    python(
      'avro',
      topic,
      JSON.stringify([
        [id, writer, { number: 1 }],
        [wrong, incompatible, { number: true }],
      ]),
    )
    const { columns, rejects } = await ingest({ topic, format: 'avro', registry: true, schema: reader }, COLUMNS)
    expect(columnValues(columns!, 'id')).toEqual(['1'])
    expect(columnValues(columns!, 'amount')).toEqual([7.5])
    expect(rejects[0]!.reasons).toEqual([
      `schema ${wrong}: id: expected a writer's type that becomes long, found boolean`,
    ])
  })

  test('Protobuf finds its message, imports included', async ({ skip }) => {
    if (!peers.ok) skip(peers.why)
    const topic = await newTopic()
    const money = 'syntax = "proto3"; package common; message Money { int64 cents = 1; }'
    const orders = `syntax = "proto3"; package shop; import "money.proto";
      message Other { string x = 1; }
      message Order { message Line { string id = 1; } string id = 1; common.Money price = 2; }`
    await register(`${topic}-money`, { schemaType: 'PROTOBUF', schema: money })
    const references = [{ name: 'money.proto', subject: `${topic}-money`, version: 1 }]
    const id = await register(topic, { schemaType: 'PROTOBUF', schema: orders, references })
    const frame = (indexes: number[], payload: number[]) => {
      const value = Buffer.from([0, 0, 0, 0, 0, ...indexes, ...payload])
      value.writeUInt32BE(id, 1)
      return value.toString('hex')
    }
    const order = [0x0a, 1, 65, 0x12, 3, 0x08, 0xac, 0x02] // id "A", price.cents 300
    // message indexes are zigzag: 2 stands for 1, and [1] is Order; [1, 0] is Order.Line; 0 is [0], Other
    const values = [
      frame([2, 2], order),
      frame([4, 2, 0], [0x0a, 1, 66]),
      frame([0], [0x0a, 1, 67]),
      frame([2, 18], order),
    ]
    python('bytes', topic, 'none', JSON.stringify(values))
    const { columns, rejects } = await ingest({ topic, format: 'protobuf', registry: true }, [
      { name: 'id', kind: 'id' },
      { name: 'cents', kind: 'number', from: 'price.cents' },
    ])
    expect(columnValues(columns!, 'id')).toEqual(['A', 'B'])
    expect(columnValues(columns!, 'cents')).toEqual([300, null])
    expect(rejects.map(({ reasons }) => reasons)).toEqual([
      [`schema ${id}: id: expected a non-empty string or an integer, found nothing`],
      [`schema ${id}: expected one of 2 messages, found 9`],
    ])
  })
})

describe('data of another client', () => {
  test.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    '%s batches of librdkafka are read exactly',
    async (codec, { skip }) => {
      if (!peers.ok) skip(peers.why)
      const topic = await newTopic()
      const sent = python('events', topic, codec, '3000') as { id: string; size: number; host: string }[]
      const { columns, rejects } = await ingest({ topic, format: 'json' }, [
        { name: 'id', kind: 'id' },
        { name: 'size', kind: 'number' },
        { name: 'host', kind: 'text', maxBytes: 100, header: 'host' },
      ])
      expect(rejects).toEqual([])
      expect(columnValues(columns!, 'id')).toEqual(sent.map(({ id }) => id))
      expect(columnValues(columns!, 'size')).toEqual(sent.map(({ size }) => size))
      expect(columnValues(columns!, 'host')).toEqual(sent.map(({ host }) => host))
    },
  )
})
