// Fitted constants against scikit-learn's StandardScaler and MinMaxScaler and numpy's quantiles.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { numberStatistics } from '../../clean/statistics.ts'

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
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/clean/fit.json', import.meta.url), 'utf8')) as Golden[]
/** relative, of the deviation: both sides round sums of thousands of terms */
const ROUNDING = 1e-9
/** a bin's width */
const BIN = 1 / 256

describe.each(golden)('$name', ({ values, ...expected }) => {
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
})
