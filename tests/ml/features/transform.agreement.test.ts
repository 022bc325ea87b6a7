// Columns and single rows are transformed to the same bits, and to what the fitted constants say.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { log1p } from '../../../core/log1p.ts'
import type { Value } from '../../../core/values.ts'
import { compileTransform } from '../../../ml/features/transform.ts'
import type { Column, Columns } from '../../../schemas/columns.ts'
import type { FittedFeature, Transform } from '../../../schemas/dataset.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })
const amount = fc.oneof(finite, fc.double({ noNaN: true, min: -0.999, max: 5 }), fc.constantFrom(0, -0, -1, -2, 1e-300))

const feature: fc.Arbitrary<FittedFeature> = fc.oneof(
  fc.record({
    encode: fc.constant('affine' as const),
    log: fc.boolean(),
    fill: finite,
    low: fc.double({ noNaN: true, min: -1e6, max: 0 }),
    high: fc.double({ noNaN: true, min: 0, max: 1e6 }),
    offset: finite,
    factor: fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
    width: fc.constant(1 as const),
    column: fc.constant('number'),
  }),
  fc.boolean().map((other) => ({
    column: 'category',
    encode: 'oneHot' as const,
    values: ['a', 'b'],
    other,
    width: other ? 3 : 2,
  })),
  fc.record({
    column: fc.constantFrom('bytes', 'floats'),
    encode: fc.constant('elements' as const),
    offset: finite,
    factor: fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
    width: fc.constant(3),
  }),
  fc.constant({ column: 'flag', encode: 'indicator' as const, width: 1 as const }),
)

interface RawRow {
  number: number | null
  category: string | null
  flag: number | null
  bytes: number[] | null
  floats: number[] | null
}

const rawRow: fc.Arbitrary<RawRow> = fc.record({
  number: fc.option(amount),
  category: fc.option(fc.constantFrom('a', 'b', 'unseen')),
  flag: fc.option(fc.constantFrom(0, 1)),
  bytes: fc.option(fc.array(fc.nat(255), { minLength: 3, maxLength: 3 })),
  floats: fc.option(fc.array(finite, { minLength: 3, maxLength: 3 })),
})

function validityOf(present: readonly boolean[]): Uint8Array | null {
  if (present.every(Boolean)) return null
  const bits = new Uint8Array(Math.ceil(present.length / 8))
  present.forEach((is, row) => {
    if (is) bits[row >> 3]! |= 1 << (row & 7)
  })
  return bits
}

function columnsOf(rows: readonly RawRow[]): Columns {
  const valid = (name: keyof RawRow): Uint8Array | null => validityOf(rows.map((row) => row[name] !== null))
  const dictionary = [...new Set(rows.flatMap(({ category }) => (category === null ? [] : [category])))]
  const byName: Record<string, Column> = {
    number: { type: 'float64', values: Float64Array.from(rows, (row) => row.number ?? 7), valid: valid('number') },
    category: {
      type: 'dictionary',
      codes: Int32Array.from(rows, (row) => Math.max(0, dictionary.indexOf(row.category ?? ''))),
      dictionary,
      valid: valid('category'),
    },
    flag: { type: 'bool', values: Uint8Array.from(rows, (row) => row.flag ?? 1), valid: valid('flag') },
    bytes: {
      type: 'list',
      width: 3,
      values: Uint8Array.from(rows.flatMap((row) => row.bytes ?? [1, 2, 3])),
      valid: valid('bytes'),
    },
    floats: {
      type: 'list',
      width: 3,
      values: Float32Array.from(rows.flatMap((row) => row.floats ?? [1, 2, 3])),
      valid: valid('floats'),
    },
  }
  return { rows: rows.length, byName }
}

function transformOf(features: readonly FittedFeature[]): Transform {
  return { kind: 'transform', width: features.reduce((sum, { width }) => sum + width, 0), features }
}

const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.buffer, values.byteOffset, values.length)]

describe('the transform', () => {
  it('gives rows and columns the same bits', () => {
    fc.assert(
      fc.property(fc.array(feature, { minLength: 1, maxLength: 5 }), fc.array(rawRow, { minLength: 1 }), (fs, rows) => {
        const compiled = compileTransform(transformOf(fs))
        const byColumns = compiled.applyColumns(columnsOf(rows))
        rows.forEach((row, r) => {
          const one = compiled.applyRow(row as unknown as Record<string, Value>)
          expect(bitsOf(one)).toEqual(bitsOf(byColumns.slice(r * compiled.width, (r + 1) * compiled.width)))
        })
      }),
      { numRuns: 300 },
    )
  })
  it('gives the same bits for any cut', () => {
    fc.assert(
      fc.property(fc.array(rawRow, { minLength: 2 }), fc.nat(), (rows, at) => {
        const compiled = compileTransform(transformOf([SPEND, COUNTRY, PIXELS]))
        const cut = 1 + (at % (rows.length - 1))
        const into = new Float32Array(rows.length * compiled.width)
        compiled.applyColumns(columnsOf(rows.slice(0, cut)), into)
        compiled.applyColumns(columnsOf(rows.slice(cut)), into, cut)
        expect(into).toEqual(compiled.applyColumns(columnsOf(rows)))
      }),
    )
  })
  it('computes clip, offset and factor', () => {
    const compiled = compileTransform(transformOf([SPEND]))
    const values = [0, Math.E - 1, 1e9, null].map((number) => compiled.applyRow({ number })[0])
    expect(values).toEqual([-1, 1, 5, 3].map((y) => Math.fround(y))) // log1p 0, 1, clipped to 3, filled with 2
  })
  it('never gives minus zero, which JSON loses', () => {
    const compiled = compileTransform(transformOf([{ ...SPEND, log: false, offset: 0, low: -1 }]))
    expect(Object.is(compiled.applyRow({ number: -0 })[0], 0)).toBe(true)
  })
  it('puts unknown and missing categories into other', () => {
    const known = { ...COUNTRY, other: false, width: 2 }
    const compiled = compileTransform(transformOf([COUNTRY, known]))
    expect([...compiled.applyRow({ category: 'b' })]).toEqual([0, 1, 0, 0, 1])
    expect([...compiled.applyRow({ category: 'zz' })]).toEqual([0, 0, 1, 0, 0])
    expect([...compiled.applyRow({})]).toEqual([0, 0, 1, 0, 0])
  })
  it('treats an absent column as missing', () => {
    const compiled = compileTransform(transformOf([SPEND, COUNTRY]))
    expect([...compiled.applyColumns({ rows: 1, byName: {} })]).toEqual([...compiled.applyRow({})])
  })
  it('refuses a column of another type', () => {
    const columns: Columns = { rows: 1, byName: { number: { type: 'bool', values: Uint8Array.of(1), valid: null } } }
    expect(() => compileTransform(transformOf([SPEND])).applyColumns(columns)).toThrow(/float64/)
  })
})

const SPEND = {
  column: 'number',
  encode: 'affine',
  log: true,
  fill: 2,
  low: 0,
  high: 3,
  offset: 0.5,
  factor: 2,
  width: 1,
} as const satisfies FittedFeature
const COUNTRY = {
  column: 'category',
  encode: 'oneHot',
  values: ['a', 'b'],
  other: true,
  width: 3,
} as const satisfies FittedFeature
const PIXELS: FittedFeature = { column: 'bytes', encode: 'elements', offset: 0, factor: 1 / 255, width: 3 }

describe('log1p', () => {
  it('equals the engine within four units', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1e300, minExcluded: true, noNaN: true }), (x) => {
        const expected = Math.log1p(x)
        expect(Math.abs(log1p(x) - expected)).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(expected))
      }),
      { numRuns: 5000 },
    )
  })
  it('knows its ends', () => {
    expect([log1p(0), log1p(-0), log1p(1e-20), log1p(-1), log1p(-2)]).toEqual([0, -0, 1e-20, -Infinity, -Infinity])
  })
})
