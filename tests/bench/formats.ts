// Decoding alone, in this process: records of 12 fields of which 8 are columns, as JSON, Avro and Protobuf. Prints Markdown.
import protobuf from 'protobufjs'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { SourceSpec } from '../../schemas/plan.ts'
import { openDecoder } from '../../stream/decode.ts'
import type { RawRecord } from '../../stream/record.ts'

const ROWS = 200_000
const RUNS = 5
const NUMBERS = ['a', 'b', 'c', 'd', 'e', 'f']
const OTHERS = ['g', 'h', 'i', 'j']

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'country', kind: 'category' },
  ...NUMBERS.map((name): ColumnSpec => ({ name, kind: 'number' })),
]
const AVRO = JSON.stringify({
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'country', type: ['null', 'string'] },
    ...[...NUMBERS, ...OTHERS].map((name) => ({ name, type: 'double' })),
  ],
})
const PROTO = `syntax = "proto3"; message Event { string id = 1; optional string country = 2; ${[...NUMBERS, ...OTHERS]
  .map((name, i) => `double ${name} = ${i + 3};`)
  .join(' ')} }`

interface Event extends Record<string, string | number> {
  readonly id: string
  readonly country: string
}

function eventOf(i: number): Event {
  const numbers = [...NUMBERS, ...OTHERS].map((name, k) => [name, Math.round(Math.sin(i * 7 + k) * 1e6) / 1e3])
  return { id: `event-${i}`, country: ['DE', 'FR', 'IT', 'ES'][i % 4]!, ...Object.fromEntries(numbers) }
}

function avroOf({ id, country, ...numbers }: Event): Buffer {
  const doubles = Buffer.alloc(80)
  for (const [i, x] of Object.values(numbers).entries()) doubles.writeDoubleLE(x as number, i * 8)
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length * 2]), Buffer.from(value)])
  return Buffer.concat([text(id), Buffer.from([2]), text(country), doubles])
}

interface Records {
  /** all values, one behind the other, as in a batch */
  readonly bytes: Buffer
  readonly ends: Int32Array
}

function recordsOf(encode: (event: Event) => Buffer): Records {
  const values = Array.from({ length: ROWS }, (_, i) => encode(eventOf(i)))
  const ends = new Int32Array(ROWS)
  for (const [i, { length }] of values.entries()) ends[i] = (ends[i - 1] ?? 0) + length
  return { bytes: Buffer.concat(values), ends }
}

function addAll({ bytes, ends }: Records, add: (record: RawRecord) => void): void {
  const places = { keyStart: 0, keyLength: -1, valueStart: 0, valueLength: 0, headersStart: 0, headersEnd: 0 }
  const record: RawRecord = { offset: 0, timestamp: 0, bytes, ...places }
  for (let i = 0; i < ROWS; i++) {
    record.offset = i
    record.timestamp = 1.7e12 + i
    record.valueLength = ends[i]! - record.valueStart
    add(record)
    record.valueStart = ends[i]!
  }
}

/** Milliseconds of this thread. */
function timeOf(source: Omit<SourceSpec, 'topic'>, records: Records): number {
  const before = process.threadCpuUsage()
  const decoder = openDecoder({ source: { topic: 't', ...source }, columns: COLUMNS, partition: 0, registry: null })
  addAll(records, decoder.add)
  const { columns, rejects } = decoder.finish()
  if (columns?.rows !== ROWS || rejects.length > 0) throw new Error(`${rejects[0]?.reasons}`)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const type = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Event')
const cases: [string, Omit<SourceSpec, 'topic'>, Records][] = [
  ['JSON', { format: 'json' }, recordsOf((event) => Buffer.from(JSON.stringify(event)))],
  ['Avro', { format: 'avro', schema: AVRO }, recordsOf(avroOf)],
  ['Protobuf', { format: 'protobuf', schema: PROTO }, recordsOf((event) => Buffer.from(type.encode(event).finish()))],
]
console.log('| format | bytes a record | M records/s of CPU |\n|---|---|---|')
const times = cases.map((): number[] => [])
for (let run = -1; run < RUNS; run++) {
  for (const [i, [, source, records]] of cases.entries()) {
    const ms = timeOf(source, records)
    if (run >= 0) times[i]!.push(ms)
  }
}
for (const [i, [name, , records]] of cases.entries()) {
  const median = times[i]!.toSorted((a, b) => a - b)[RUNS >> 1]!
  const bytes = records.bytes.length / ROWS
  console.log(`| ${name} | ${Math.round(bytes)} | ${(ROWS / median / 1000).toFixed(2)} |`)
}
