// Whatever finite rows come, constants and inputs are finite 32-bit floats that keep values apart, or the fit fails with a code and the rows.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { transformFit } from '../../clean/fit.ts'
import { compileTransform } from '../../ml/features/transform.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import { isFailure, type SluiceFailure } from '../../schemas/failures.ts'
import type { FeatureSpec } from '../../schemas/plan.ts'
import { batchOf, type Cell } from './rows.ts'

type Standardize = Extract<FeatureSpec, { encode: 'standardize' }>

const number = (more: object = {}): ColumnSpec => ({ name: 'x', kind: 'number', ...more })
const list: ColumnSpec = { name: 'x', kind: 'numbers', length: 2, min: -9, max: 9, integers: false }
const standardize = (more: object = {}): Standardize => ({ column: 'x', encode: 'standardize', log: false, ...more })
const scale = (more: object = {}): FeatureSpec => ({ column: 'x', encode: 'scale', ...more })

function batch(spec: ColumnSpec, cells: readonly Cell[]) {
  const rows = cells.map((cell, row) => ({ cells: { x: cell }, partition: 7, offset: 100 + row, key: null }))
  return batchOf([spec], rows)
}

function fitted(spec: ColumnSpec, feature: FeatureSpec, cells: readonly Cell[]): Transform {
  const fitting = transformFit({ name: 'p', columns: [spec], features: [feature] })
  fitting.add(batch(spec, cells))
  return fitting.finish()
}

function failureOf(run: () => unknown): SluiceFailure {
  try {
    run()
  } catch (error) {
    if (isFailure(error)) return error
    throw error
  }
  throw new Error('expected a failure')
}

/** 0, 1, …, 99, and again. */
const ordinary = Array.from({ length: 999 }, (_, i) => i % 100)

describe('an outlier', () => {
  test.each([
    ['standardize', standardize()],
    ['scale', scale()],
  ])('that flattens %s is named with its row', (_, feature) => {
    const { code, message, facts, next } = failureOf(() => fitted(number(), feature, [...ordinary, 1e200]))
    expect(code).toBe('FEATURE_FLATTENED')
    expect(facts.column).toBe('x')
    expect(message).toContain('values from 0 to 99 that become')
    expect(message).toContain('beside 1e+200 in partition 7 at offset 1099')
    expect(next).toMatch(/clip/)
  })

  test('of a sentinel in every hundredth row too', () => {
    const cells = ordinary.map((value, row) => (row % 100 === 5 ? -999_999_999 : value))
    const { code, facts } = failureOf(() => fitted(number(), standardize(), cells))
    expect(code).toBe('FEATURE_FLATTENED')
    expect(facts.found).toMatch(/beside -999999999 in partition 7 at offset 105, /)
  })

  test.each([
    ['clip', standardize({ clip: [0.01, 0.99] })],
    ['log', standardize({ log: true })],
    ['scale with clip', scale({ clip: [0.01, 0.99] })],
  ])('is harmless with %s', (_, feature) => {
    const transform = fitted(number(), feature, [...ordinary, 1e200])
    const inputs = compileTransform(transform).applyColumns(batch(number(), [0, 50, 99, 1e200]))
    expect(inputs[1]! - inputs[0]!).toBeGreaterThan(0.01)
    expect(inputs[2]! - inputs[1]!).toBeGreaterThan(1e-3)
  })

  test('in a list is named too', () => {
    const cells = ordinary.map((value, row) => [value / 100, row === 17 ? 1e30 : 0])
    const { code, facts } = failureOf(() => fitted(list, standardize(), cells))
    expect(code).toBe('FEATURE_FLATTENED')
    expect(facts.found).toContain('in partition 7 at offset 117')
  })
})

describe('a distribution as they are', () => {
  test.each([
    ['mostly one value', ordinary.map((value) => (value < 97 ? 0 : value))],
    ['a flag in one row of a thousand', ordinary.map((_, row) => Number(row === 5))],
    ['log normal', ordinary.map((_, row) => Math.exp(3 * Math.sin(row * row)))],
    ['prices with a few large ones', ordinary.map((value, row) => (row % 333 === 0 ? 50_000 : value))],
    ['large and close together', ordinary.map((value) => 1e200 + value * 1e190)],
    ['tiny', ordinary.map((value) => value * 1e-200)],
  ])('passes: %s', (_, cells) => {
    const inputs = compileTransform(fitted(number(), standardize(), cells)).applyColumns(batch(number(), cells))
    const mean = inputs.reduce((sum, input) => sum + input, 0) / inputs.length
    const variance = inputs.reduce((sum, input) => sum + (input - mean) ** 2, 0) / inputs.length
    expect(mean).toBeCloseTo(0, 4)
    expect(variance).toBeCloseTo(1, 4)
  })
})

describe('what cannot be fitted', () => {
  test('values too far apart', () => {
    const { code, facts } = failureOf(() => fitted(number(), scale(), [-1.7e308, 1.7e308, 0]))
    expect(code).toBe('FEATURE_OVERFLOW')
    expect(facts.found).toBe(
      '-1.7e+308 in partition 7 at offset 100, 1.7e+308 in partition 7 at offset 101, whose distance no 64-bit float holds',
    )
  })
  test('values too close together', () => {
    expect(failureOf(() => fitted(number(), scale(), [0, 5e-324])).code).toBe('FEATURE_CONSTANT')
  })
  test('a fill without a logarithm', () => {
    const { code, facts } = failureOf(() => fitted(number({ missing: -1 }), standardize({ log: true }), [1, 2, null]))
    expect([code, facts.found]).toEqual(['FEATURE_UNDEFINED', '-1 for a missing value'])
  })
  test('a fill beyond the inputs', () => {
    const { code, facts } = failureOf(() => fitted(number({ missing: 1e300 }), standardize(), [1, 2, null]))
    expect([code, facts.found]).toEqual(['FEATURE_OVERFLOW', '1e+300 for a missing value'])
  })
  test('a logarithm names its row', () => {
    expect(failureOf(() => fitted(number(), standardize({ log: true }), [4, -3])).facts.found).toBe(
      '-3 in partition 7 at offset 101',
    )
  })
  test('an infinite element names its row', () => {
    const { code, facts } = failureOf(() =>
      fitted(list, scale(), [
        [1, 2],
        [3, Number.POSITIVE_INFINITY],
      ]),
    )
    expect([code, facts.found]).toEqual(['FEATURE_OVERFLOW', 'Infinity in partition 7 at offset 101'])
  })
  test('declared bounds without any value', () => {
    expect(failureOf(() => fitted(number({ min: 0, max: 1 }), scale(), [null, null])).code).toBe('FEATURE_CONSTANT')
  })
})

test('other rows are refused where inputs end', () => {
  const transform = fitted(number(), standardize(), [1, 2, 3])
  const { code, facts } = failureOf(() => compileTransform(transform).applyColumns(batch(number(), [2, null, 1e300])))
  expect([code, facts.column, facts.found]).toEqual(['FEATURE_OVERFLOW', 'x', '1e+300 in partition 7 at offset 102'])
  const logs = fitted(number(), standardize({ log: true }), [1, 2, 3])
  expect(failureOf(() => compileTransform(logs).applyColumns(batch(number(), [-5]))).facts.found).toBe(
    '-5 in partition 7 at offset 100',
  )
})

const any = fc.double({ noNaN: true, noDefaultInfinity: true })
const plain = fc.double({ noNaN: true, min: -100, max: 100 })
const cells = fc.array(fc.option(fc.oneof(any, plain, plain), { nil: null, freq: 6 }), { minLength: 1, maxLength: 40 })
const feature = fc.oneof(
  fc.record({
    column: fc.constant('x'),
    encode: fc.constant('standardize' as const),
    log: fc.boolean(),
    clip: fc.option(fc.constant([0.1, 0.9] as const), { nil: undefined }),
  }),
  fc.record({
    column: fc.constant('x'),
    encode: fc.constant('scale' as const),
    clip: fc.option(fc.constant([0.1, 0.9] as const), { nil: undefined }),
  }),
) as fc.Arbitrary<FeatureSpec>
const bounds = fc.record({ missing: any, min: plain }, { requiredKeys: [] })

/** Codes that a fit may fail with; anything else, NaN and infinities are mistakes. */
const CODES = ['FEATURE_CONSTANT', 'FEATURE_FLATTENED', 'FEATURE_OVERFLOW', 'FEATURE_UNDEFINED']

test('any finite rows give finite inputs or a code', () => {
  fc.assert(
    fc.property(cells, cells, feature, bounds, (training, others, spec, more) => {
      const column = number(more)
      try {
        const transform = fitted(column, spec, training)
        expect(JSON.stringify(transform)).not.toContain('null') // which NaN and infinities would be
        const compiled = compileTransform(transform)
        expect(compiled.applyColumns(batch(column, training)).every(Number.isFinite)).toBe(true)
        expect(compiled.applyColumns(batch(column, others)).every(Number.isFinite)).toBe(true)
      } catch (error) {
        if (!isFailure(error)) throw error
        expect(CODES).toContain(error.code)
      }
    }),
    { numRuns: 1_000 },
  )
})
