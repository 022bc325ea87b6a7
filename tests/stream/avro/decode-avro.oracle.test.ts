// Avro read into values against avsc, another implementation: random schemas, resolutions and whole records. (A damaged count keeps avsc busy until memory ends.)
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { CLOCKS, type Clock } from '../../../core/rule.ts'
import { instantOf, parseValue } from '../../../core/values.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { avroProgram } from '../../../stream/avro/program.ts'
import { parseAvroSchema } from '../../../stream/avro/schema.ts'
import { bytesDecoder } from '../../../stream/bytes/decode-bytes.ts'
import { decodeAll } from '../both-paths.ts'
import { columnValues, storedCell } from '../cells.ts'
import { randomAvro, randomColumns, randomReader } from './random-avro.ts'

/** Longs as bigints where doubles do not hold them exactly. */
const LONG = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => plain(bytes.readBigInt64LE()),
  toBuffer: (value: number | bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: number | bigint, b: number | bigint) => (a === b ? 0 : a < b ? -1 : 1),
})

const plain = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

type Json = Readonly<Record<string, unknown>>
type Row = { readonly [column: string]: unknown } | string

/** Without logical types, which would hide LONG: avsc's own reader of longs takes those below −2^52 for positive ones. */
const typeOf = (schema: object): avsc.Type => {
  const text = JSON.stringify(schema, (_key, json: unknown) =>
    typeof json === 'object' && json !== null && 'logicalType' in json && !('name' in json)
      ? (json as Json).type
      : json,
  )
  return avsc.Type.forSchema(JSON.parse(text), { registry: { long: LONG }, wrapUnions: 'always' })
}

/** null: avsc refuses the pair; it then refuses all records, where sluice refuses the columns that cannot be. */
function readerOf(writer: object, reader: object): ((bytes: Buffer) => unknown) | null {
  const [from, to] = [typeOf(writer), typeOf(reader)]
  try {
    const resolver = to.createResolver(from)
    return (bytes) => to.fromBuffer(bytes, resolver)
  } catch {
    return null
  }
}

interface Wanted {
  readonly path: readonly string[]
  readonly kind: ColumnSpec['kind']
  /** the reader's schema is not the writer's */
  readonly isResolved: boolean
}

/** What a column finds by its path in a value of the schema; undefined: nothing is there. Throws Unlike where avsc is no judge. */
function valueAt(schema: unknown, value: unknown, wanted: Wanted): unknown {
  const [step, ...path] = wanted.path
  if (value === null) return step === undefined ? null : undefined
  if (Array.isArray(schema)) {
    const [[name, inner] = ['', null]] = Object.entries(value as object)
    return valueAt(
      schema.find((branch) => branchName(branch) === name),
      inner,
      wanted,
    )
  }
  const { type, fields, values, items, logicalType } = (typeof schema === 'object' ? schema : { type: schema }) as Json
  if (logicalType === 'decimal' || logicalType === 'uuid') throw new Unlike('golden files have them')
  const isNested = type === 'record' || type === 'map'
  if (step === undefined) {
    if (isNested || (type === 'array' && typeof items !== 'string')) throw new Unlike('sluice speaks of the schema')
    if (wanted.isResolved && type === 'double' && Math.abs(value as number) > 2 ** 52)
      throw new Unlike('avsc takes longs below −2^52 for positive ones')
    const clock = wanted.kind === 'time' ? INSTANTS[logicalType as string] : undefined
    return clock === undefined ? value : instantOf(value as number, clock)
  }
  if (!isNested) throw new Unlike('sluice speaks of the schema')
  if (!Object.hasOwn(value as object, step)) return undefined
  const inner = type === 'map' ? values : (fields as readonly Json[]).find(({ name }) => name === step)!.type
  return valueAt(inner, (value as Json)[step], { ...wanted, path })
}

class Unlike extends Error {}

const branchName = (schema: unknown): unknown => {
  const { type, name } = (typeof schema === 'object' ? schema : { type: schema }) as Json
  return name ?? type
}

/** What logical types count is said by core/rule.ts for every format; the count is avsc's. */
const INSTANTS: Readonly<Record<string, Clock>> = {
  date: { times: 86_400_000, over: 1, words: 'days' },
  'timestamp-millis': CLOCKS.ms,
  'timestamp-micros': CLOCKS.us,
  'timestamp-nanos': CLOCKS.ns,
}

/** The cells, or the reasons; null: the record shows something in which the two are meant to differ. */
function expectedRow(
  { schema, isResolved }: { readonly schema: object; readonly isResolved: boolean },
  value: unknown,
  specs: readonly ColumnSpec[],
): Row | null {
  try {
    const parsed = specs.map((spec) => {
      const wanted = { path: spec.from?.split('.') ?? [], kind: spec.kind, isResolved }
      const found = spec.header === undefined ? valueAt(schema, value, wanted) : 'abc'
      if (typeof found === 'string' && found.includes('\ufffd')) throw new Unlike('avsc repairs what is no UTF-8')
      return { spec, ...parseValue(spec, found) }
    })
    const reasons = parsed.flatMap((one) =>
      one.ok ? [] : [`schema 7: ${one.spec.name}: expected ${one.expected}, found ${one.found}`],
    )
    if (reasons.length > 0) return reasons.join('; ')
    return Object.fromEntries(
      parsed.flatMap((one) => (one.ok ? [[one.spec.name, storedCell(one.spec, one.value)]] : [])),
    )
  } catch (error) {
    if (error instanceof Unlike) return null
    throw error
  }
}

/** By record. */
function ourRows(values: readonly Buffer[], specs: readonly ColumnSpec[], writer: object, reader: object): Row[] {
  const program = avroProgram(parseAvroSchema(JSON.stringify(writer)), parseAvroSchema(JSON.stringify(reader)), specs)
  const { columns, rejects } = decodeAll(values, specs, (rows) =>
    bytesDecoder({ program, direct: () => -1, what: 'Avro', specs, rows }),
  )
  const reasons = new Map(rejects.map((reject) => [reject.offset, reject.reasons.join('; ')]))
  const cells = specs.map(({ name }) => (columns === null ? [] : columnValues(columns, name)))
  return values.map(
    (_, i) => reasons.get(i) ?? Object.fromEntries(specs.map(({ name }, c) => [name, cells[c]!.shift()])),
  )
}

describe('avroProgram', () => {
  test('reads what avsc reads', () => {
    const counts = { rows: 0, refused: 0, broken: 0, resolved: 0 }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
        const random = seededRandom(seed)
        const { schema, encode } = randomAvro(random, 0)
        const reader = random() < 0.5 ? schema : randomReader(schema, random)
        const specs = randomColumns(schema, random)
        const values = Array.from({ length: 25 }, () => encode())
        const read = readerOf(schema, reader)
        if (read === null) return
        for (const [i, found] of ourRows(values, specs, schema, reader).entries()) {
          let value: unknown
          try {
            value = read(values[i]!)
          } catch {
            expect(found, 'avsc refuses the record').toMatch(/^schema 7: not Avro: /)
            counts.broken++
            continue
          }
          const expected = expectedRow({ schema: reader, isResolved: reader !== schema }, value, specs)
          // avsc does not look at an enum that it skips
          if (
            expected === null ||
            (typeof found === 'string' && found.includes('not Avro: expected one of 3 branches, found 3'))
          )
            continue
          expect(found).toEqual(expected)
          counts[typeof found === 'string' ? 'refused' : 'rows']++
          if (reader !== schema) counts.resolved++
        }
      }),
      { numRuns: 600 },
    )
    // neither rows, refusals nor resolution may hold the property alone; thousands are usual, of broken records a hundred
    expect(counts.rows).toBeGreaterThan(500)
    expect(counts.refused).toBeGreaterThan(500)
    expect(counts.resolved).toBeGreaterThan(300)
    expect(counts.broken).toBeGreaterThan(10)
  })
})
