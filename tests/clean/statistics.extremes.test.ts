// Moments and quantiles of values whose squares, sums or distances no float64 holds, against exact fractions.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberStatistics } from '../../clean/statistics.ts'

interface Exact {
  readonly name: string
  readonly values: readonly number[]
  readonly mean: number
  readonly deviation: number
}

const exact = JSON.parse(readFileSync(new URL('../fixtures/clean/extremes.json', import.meta.url), 'utf8')) as Exact[]
/** relative, of the deviation */
const ROUNDING = 1e-9

function statisticsOf(values: readonly number[]) {
  const statistics = numberStatistics()
  statistics.add(Float64Array.from(values), null)
  return statistics
}

describe.each(exact)('$name', ({ values, mean, deviation }) => {
  const moments = statisticsOf(values).moments()

  test('mean and deviation agree', () => {
    expect(Math.abs(moments.mean / 2 - mean / 2)).toBeLessThanOrEqual(ROUNDING * deviation)
    expect(Math.abs(moments.deviation / deviation - 1)).toBeLessThanOrEqual(ROUNDING)
  })

  test('a power of two scales them', () => {
    const scaled = statisticsOf(values.map((value) => value / 16)).moments()
    if (Math.min(...values.map((value) => Math.abs(value))) < 1e-300) return // where digits are lost
    expect(scaled).toEqual({ mean: moments.mean / 16, deviation: moments.deviation / 16 })
  })
})

const any = fc.double({ noNaN: true, noDefaultInfinity: true })

test('all finite values have finite statistics', () => {
  fc.assert(
    fc.property(
      fc.array(any, { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const statistics = statisticsOf(values)
        const [low, high] = [statistics.min(), statistics.max()]
        const { mean, deviation } = statistics.moments()
        expect(Number.isFinite(mean)).toBe(true)
        if (low === high) expect(deviation).toBe(0)
        if (high / 2 - low / 2 > 1e-300) expect(deviation).toBeGreaterThan(0) // below, digits are lost
        expect(deviation).toBeLessThanOrEqual(Number.MAX_VALUE)
        for (const edge of ['low', 'middle', 'high'] as const) {
          const quantile = statistics.quantile(q, edge)
          expect(quantile).toBeGreaterThanOrEqual(low)
          expect(quantile).toBeLessThanOrEqual(high)
        }
      },
    ),
  )
})

test('cuts change no bit', () => {
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 60 }), fc.nat(), (values, at) => {
      const cut = at % values.length
      const statistics = numberStatistics()
      statistics.add(Float64Array.from(values.slice(0, cut)), null)
      statistics.add(Float64Array.from(values.slice(cut)), null)
      expect(statistics.moments()).toEqual(statisticsOf(values).moments())
    }),
  )
})

test('trimmed bounds leave out single rows', () => {
  const statistics = statisticsOf([1e200, 3, 1, 2, -1e200])
  expect(statistics.trimmed(1)).toEqual([1, 3])
  expect(statistics.trimmed(2)).toEqual([2, 2])
})
