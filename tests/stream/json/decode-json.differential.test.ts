// The compiled decoder against the obvious one: parse each event, keep rows as arrays, transpose at the end.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseValue } from '../../../core/values.ts'
import { type ColumnSpec, type Columns, columnType } from '../../../schemas/columns.ts'
import { jsonDecoder } from '../../../stream/json/decode-json.ts'
import { cellOf, storedCell } from '../cells.ts'
import { rawRecord } from '../raw-record.ts'

const SPECS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'at', kind: 'time' },
  { name: 'plan', kind: 'category', values: ['free', 'team', 'ünïcode'] },
  { name: 'country', kind: 'category', top: 3 },
  { name: 'spend', kind: 'number', min: -10, max: 1e6 },
  { name: 'ratio', kind: 'number' },
  { name: 'isNew', kind: 'flag' },
  { name: 'pixels', kind: 'numbers', length: 3, min: 0, max: 255, integers: true },
  { name: 'floats', kind: 'numbers', length: 2, min: -1, max: 1, integers: false },
  { name: 'body', kind: 'text', maxBytes: 20 },
  { name: 'constructor', kind: 'number' },
]

/** What usually fits, now and then anything. */
function fieldArbitrary(spec: ColumnSpec): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 60, arbitrary: goodValue(spec) },
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.jsonValue() },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '\ud800', 'x\udfff', Number.MAX_SAFE_INTEGER + 1, 2 ** 64, -(2 ** 80), -11, 1e7),
    },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: -1, max: 256 }), { minLength: 2, maxLength: 4 }) },
  )
}

function goodValue(spec: ColumnSpec): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case 'id':
      return fc.oneof(fc.string({ minLength: 1 }), fc.integer())
    case 'time':
      return fc.oneof(
        fc.integer({ min: -1e15, max: 1e15 }),
        fc.constantFrom('2024-02-29', '2024-01-01T10:00:00.5+02:00'),
      )
    case 'category':
      return spec.values ? fc.constantFrom(...spec.values) : fc.constantFrom('DE', 'FR', 'IT', 7, 'toString')
    case 'number':
      return fc.oneof(fc.double({ noNaN: true, min: -10, max: 1e6 }), fc.constantFrom(-10, 0, -0, 1e6))
    case 'flag':
      return fc.constantFrom(true, false, 0, 1)
    case 'numbers': {
      const { min, max, integers, length } = spec
      const element = integers ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
      return fc.array(element, { minLength: length, maxLength: length })
    }
    case 'text':
      return fc.string({ maxLength: 5, unit: 'binary' })
  }
}

const eventArbitrary = fc.record(Object.fromEntries(SPECS.map((spec) => [spec.name, fieldArbitrary(spec)])), {
  requiredKeys: ['id', 'pixels'],
})

const valueArbitrary = fc.oneof(
  { weight: 20, arbitrary: eventArbitrary.map((event) => JSON.stringify(event)) },
  { weight: 1, arbitrary: fc.jsonValue().map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.constant(null) },
)

describe('jsonDecoder', () => {
  test('agrees with the obvious decoder', () => {
    let seenRows = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.option(fc.string()), valueArbitrary), { minLength: 20, maxLength: 60 }),
        (records) => {
          const decoder = jsonDecoder(SPECS, 4)
          for (const [i, [key, value]] of records.entries())
            decoder.add(rawRecord({ offset: i, timestamp: -i, key, value }))
          const { columns, rejects } = decoder.finish()
          const expected = obvious(records.map(([, value]) => value))
          expect(rejects.map(({ offset, reasons }) => ({ offset, reasons }))).toEqual(expected.rejects)
          expect(columns?.rows ?? 0).toBe(expected.rows.length)
          seenRows += expected.rows.length
          if (columns === null) return
          expect(rowsOf(columns)).toEqual(
            expected.rows.map(({ offset, values }) => [...values, 4, offset, -offset + 0, records[offset]![0]]),
          )
        },
      ),
      { numRuns: 300 },
    )
    // the property would hold for rejects alone
    expect(seenRows).toBeGreaterThan(1000)
  })

  test('columns stand in plan order, then where they came from', () => {
    const decoder = jsonDecoder(SPECS, 0)
    decoder.add(rawRecord({ offset: 0, value: '{"id":"a"}' }))
    const { byName } = decoder.finish().columns!
    const system = ['_partition', '_offset', '_timestamp', '_key']
    expect(Object.keys(byName)).toEqual([...SPECS.map(({ name }) => name), ...system])
    for (const spec of SPECS) expect(byName[spec.name]!.type).toBe(columnType(spec))
  })
})

interface Obvious {
  readonly rows: { readonly offset: number; readonly values: unknown[] }[]
  readonly rejects: { readonly offset: number; readonly reasons: string[] }[]
}

function obvious(values: readonly (string | null)[]): Obvious {
  const rows: Obvious['rows'] = []
  const rejects: Obvious['rejects'] = []
  for (const [offset, text] of values.entries()) {
    const outcome = obviousRow(text)
    if ('reasons' in outcome) rejects.push({ offset, ...outcome })
    else rows.push({ offset, ...outcome })
  }
  return { rows, rejects }
}

function obviousRow(text: string | null): { readonly values: unknown[] } | { readonly reasons: string[] } {
  if (text === null) return { reasons: ['no value'] }
  let event: unknown
  try {
    // as the producer's bytes would read: half a surrogate pair cannot be sent
    const sent = Buffer.from(text).toString()
    event = JSON.parse(sent)
    const isRounded = (spec: ColumnSpec): boolean => {
      const value = (event as Record<string, unknown> | null)?.[spec.name]
      return spec.kind !== 'numbers' && typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
    }
    if (SPECS.some(isRounded)) event = JSON.parse(sent, exactIntegers)
  } catch (error) {
    return { reasons: [`not JSON: ${(error as Error).message}`] }
  }
  if (event === null || typeof event !== 'object' || Array.isArray(event)) {
    const found = event === null ? 'null' : Array.isArray(event) ? 'a list' : `a ${typeof event}`
    return { reasons: [`expected a JSON object, found ${found}`] }
  }
  const fields = new Map(Object.entries(event))
  const parsed = SPECS.map((spec) => parseValue(spec, fields.get(spec.name)))
  const reasons = parsed.flatMap((p, i) =>
    p.ok ? [] : [`${SPECS[i]!.name}: expected ${p.expected}, found ${p.found}`],
  )
  if (reasons.length > 0) return { reasons }
  return { values: parsed.map((p, i) => storedCell(SPECS[i]!, p.ok ? p.value : null)) }
}

/** Integers beyond 2^53 as they stand in the text. */
function exactIntegers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
  return isRounded && !Array.isArray(this) ? BigInt(context!.source!) : value
}

function rowsOf({ rows, byName }: Columns): unknown[][] {
  return Array.from({ length: rows }, (_, row) => Object.values(byName).map((column) => cellOf(column, row)))
}
