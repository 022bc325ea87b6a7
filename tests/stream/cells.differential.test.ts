// One rule for every reader: whatever way a value arrives in, it becomes the cell that parseValue says, or is refused in its words.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Parsed, parseValue } from '../../core/values.ts'
import { parseRow } from '../../ml/features/request.ts'
import type { ColumnKind, ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import { isFailure } from '../../schemas/failures.ts'
import type { DecodeValue, RowCollector } from '../../stream/rows/rows.ts'
import { decodeAll } from './both-paths.ts'
import { type Carrier, carriersOf, jsonText } from './carriers.ts'
import { columnValues, storedCell } from './cells.ts'
import { edgesOf, SPECS } from './edges.ts'

/** So few that the direct path does not give up. */
const TOGETHER = 50

type Outcome = { readonly cell: unknown } | { readonly reason: string }

const outcomeOf = (spec: ColumnSpec, parsed: Parsed): Outcome =>
  parsed.ok
    ? { cell: storedCell(spec, parsed.value) }
    : { reason: `schema 7: x: expected ${parsed.expected}, found ${parsed.found}` }

/** What each record became, and how many were taken directly. */
function outcomes(
  records: readonly Buffer[],
  specs: readonly ColumnSpec[],
  make: (rows: RowCollector) => DecodeValue,
): { readonly all: readonly Outcome[]; readonly direct: number } {
  const { columns, rejects, direct } = decodeAll(records, specs, make)
  const reasons = new Map(rejects.map(({ offset, reasons }) => [offset, reasons.join('; ')]))
  const cells = columns === null ? [] : columnValues(columns, 'x')
  const all = records.map((_, i): Outcome => (reasons.has(i) ? { reason: reasons.get(i)! } : { cell: cells.shift() }))
  return { all, direct }
}

/** Compares both paths of a carrier with parseValue; returns how many cells of it went the direct way. */
function compare(
  spec: ColumnSpec,
  { name, encode, says = (value) => value, specs, direct, byValues }: Carrier,
  values: readonly unknown[],
): number {
  let taken = 0
  const carried = values.flatMap((value) => {
    const record = encode(value)
    return record === null ? [] : [{ record, value }]
  })
  for (let at = 0; at < carried.length; at += TOGETHER) {
    const some = carried.slice(at, at + TOGETHER)
    const records = some.map(({ record }) => record)
    const expected = some.map(({ value }) => outcomeOf(spec, parseValue(spec, says(value))))
    const found = outcomes(records, specs.direct, direct)
    expect(found.all, `${name}, direct`).toEqual(expected)
    expect(outcomes(records, specs.byValues, byValues).all, `${name}, by values`).toEqual(expected)
    taken += found.direct
  }
  return taken
}

const KINDS = Object.keys(SPECS) as ColumnKind[]

/** Calls `check` for some columns of the kind. */
function forEachSpec(kind: ColumnKind, check: (spec: ColumnSpec) => void): void {
  const specs = SPECS[kind]
  if (specs instanceof fc.Arbitrary) fc.assert(fc.property(specs, check), { numRuns: 12 })
  else for (const spec of specs) check(spec)
}

test.each(KINDS)('every way into a column of kind %s obeys its rule', { timeout: 60_000 }, (kind) => {
  const taken: Record<string, number> = { JSON: 0, Avro: 0, Protobuf: 0 }
  forEachSpec(kind, (spec) => {
    const values = edgesOf(spec)
    for (const carrier of carriersOf(spec)) taken[carrier.name.split(' ')[0]!]! += compare(spec, carrier, values)
  })
  // else the two paths would be one
  for (const [format, direct] of Object.entries(taken)) expect(direct, format).toBeGreaterThan(20)
})

test.each(KINDS)('a request’s field of kind %s obeys the same rule', (kind) => {
  forEachSpec(kind, (spec) => {
    for (const value of edgesOf(spec)) {
      const text = value === undefined ? null : jsonText(value)
      // a list has no fill, so it must be there
      if (text === null || (value === null && kind === 'numbers')) continue
      const json: unknown = JSON.parse(text)
      expect(requested(spec, json)).toEqual(parseValue(spec, hasBigint(value) ? json : value))
    }
  })
})

/** A request's integers beyond 2^53 are floats: JSON.parse has read them. */
function hasBigint(value: unknown): boolean {
  return typeof value === 'bigint' || (Array.isArray(value) && value.some(hasBigint))
}

function requested(spec: ColumnSpec, json: unknown): unknown {
  const transform = { features: [{ column: 'x' }] } as unknown as Transform
  try {
    return { ok: true, value: parseRow([spec], transform, { x: json }).x }
  } catch (error) {
    if (!isFailure(error, 'REQUEST_INVALID')) throw error
    const { expected, found } = error.facts
    return { ok: false, expected, found }
  }
}
