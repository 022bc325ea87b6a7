// Laws of the histogram statistics, against the obvious computation on the sorted values.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberStatistics } from '../../clean/statistics.ts'

/** subnormal numbers have fewer digits than a bin promises */
const finite = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 })
  .filter((x) => x === 0 || Math.abs(x) > 1e-300)
const values = fc.array(fc.oneof(finite, fc.integer({ min: -5, max: 5 }), fc.constant(-0)), {
  minLength: 1,
  maxLength: 200,
})

function statisticsOf(numbers: readonly number[]) {
  const statistics = numberStatistics()
  statistics.add(Float64Array.from(numbers), null)
  return statistics
}

test('quantile bounds enclose the exact quantile', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, q) => {
      const statistics = statisticsOf(numbers)
      const sorted = [...numbers].sort((a, b) => a - b)
      const rank = q * (numbers.length - 1)
      const [below, above] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!]
      const [low, high] = [statistics.quantile(q, 'low'), statistics.quantile(q, 'high')]
      expect(low).toBeLessThanOrEqual(below)
      expect(high).toBeGreaterThanOrEqual(above)
      expect(low).toBeGreaterThanOrEqual(below - Math.abs(below) / 256)
      expect(high).toBeLessThanOrEqual(above + Math.abs(above) / 256)
    }),
  )
})

test('whole numbers below 512 have exact quantiles', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -511, max: 511 }), { minLength: 1 }), (numbers) => {
      const sorted = [...numbers].sort((a, b) => a - b)
      const middle = (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
      expect(statisticsOf(numbers).quantile(0.5, 'middle')).toBeCloseTo(middle, 12)
    }),
  )
})

test('missing values are counted and left out', () => {
  const statistics = numberStatistics()
  statistics.add(Float64Array.of(1, 1e300, 3), Uint8Array.of(0b101))
  expect([statistics.count(), statistics.missing(), statistics.max()]).toEqual([2, 1, 3])
  expect(statistics.moments().mean).toBe(2)
})

test('nothing at all has no statistics', () => {
  const statistics = numberStatistics()
  expect([statistics.min(), statistics.max(), statistics.quantile(0.5, 'middle'), statistics.moments().mean]).toEqual([
    Number.NaN,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ])
})

test('both zeros are one value', () => {
  expect(statisticsOf([0, -0, 0]).quantile(0, 'low')).toBe(0)
})
