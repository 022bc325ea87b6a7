// Fitted constants against scikit-learn's StandardScaler, MinMaxScaler and RobustScaler and numpy's quantiles.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { transformFit } from '../../clean/fit.ts'
import { numberStatistics } from '../../clean/statistics.ts'
import type { FittedFeature } from '../../schemas/dataset.ts'
import { batchOf } from './rows.ts'

interface Golden {
  readonly name: string
  readonly values: readonly number[]
  readonly mean: number
  readonly deviation: number
  readonly min: number
  readonly max: number
  readonly median: number
  readonly low: number
  readonly high: number
  readonly center: number
  readonly iqr: number
  readonly quartiles: readonly [number, number]
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/clean/fit.json', import.meta.url), 'utf8')) as Golden[]
/** relative, of the deviation: both sides round sums of thousands of terms */
const ROUNDING = 1e-9
/** a bin's width */
const BIN = 1 / 256

describe.each(golden)('$name', ({ name, values, ...expected }) => {
  const statistics = numberStatistics()
  // in two pieces, since a column comes part by part
  statistics.add(Float64Array.from(values.slice(0, 100)), null)
  statistics.add(Float64Array.from(values.slice(100)), null)
  const near = (found: number, wanted: number, tolerance: number) =>
    expect(Math.abs(found - wanted)).toBeLessThanOrEqual(tolerance)

  test('mean and deviation agree', () => {
    const { mean, deviation } = statistics.moments()
    near(mean, expected.mean, ROUNDING * expected.deviation)
    near(deviation, expected.deviation, ROUNDING * expected.deviation)
  })

  test('smallest and largest value are exact', () => {
    expect([statistics.min(), statistics.max()]).toEqual([expected.min, expected.max])
  })

  test('quantiles are within one bin', () => {
    near(statistics.quantile(0.5, 'middle'), expected.median, BIN * Math.abs(expected.median))
    near(statistics.quantile(0.01, 'middle'), expected.low, BIN * Math.abs(expected.low) + ROUNDING)
    near(statistics.quantile(0.99, 'middle'), expected.high, BIN * Math.abs(expected.high) + ROUNDING)
  })

  test('clipped moments are exact for its bounds', () => {
    const low = statistics.quantile(0.01, 'low')
    const high = statistics.quantile(0.99, 'high')
    const clipped = values.map((value) => Math.min(high, Math.max(low, value)))
    // from the first value on, since sums of 1e9 lose the digits that count
    const mean = low + clipped.reduce((total, value) => total + (value - low), 0) / values.length
    const variance = clipped.reduce((total, value) => total + (value - mean) ** 2 / values.length, 0)
    const found = statistics.moments(low, high)
    near(found.mean, mean, ROUNDING * Math.sqrt(variance))
    near(found.deviation ** 2, variance, ROUNDING * variance)
  })

  test('robust scaling is that of RobustScaler, or refused', () => {
    const [first, third] = expected.quartiles
    const refuses = { 'mostly zero': /both 0/, 'far from zero': /too far from zero/, 'many scales': /32-bit floats/ }[
      name
    ]
    if (refuses !== undefined) return expect(() => fitRobust(values)).toThrow(refuses)
    const { offset, factor } = fitRobust(values)
    near(offset, expected.center, BIN * Math.abs(expected.center) + ROUNDING)
    near(1 / factor, expected.iqr, BIN * (Math.abs(first) + Math.abs(third)) + ROUNDING)
  })
})

function fitRobust(values: readonly number[]) {
  const columns = [{ name: 'x', kind: 'number' }] as const
  const fitting = transformFit({ name: 'p', columns, features: [{ column: 'x', encode: 'robust' }] })
  const rows = values.map((x, offset) => ({ cells: { x }, partition: 0, offset, key: null }))
  fitting.add(batchOf(columns, rows))
  return fitting.finish().features[0] as Extract<FittedFeature, { encode: 'affine' }>
}
