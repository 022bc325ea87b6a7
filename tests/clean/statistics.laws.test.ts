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

test('what is kept and merged into nothing is what it was, bit for bit', () => {
  fc.assert(
    fc.property(values, (numbers) => {
      const statistics = statisticsOf(numbers)
      const again = numberStatistics()
      again.merge(statistics.save())
      expect(again.save()).toEqual(statistics.save())
      expect(again.moments()).toEqual(statistics.moments())
    }),
  )
})

test('however values are cut, merged counts and bins are those of one pass, and sums to a rounding', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (pieces) => {
      const merged = numberStatistics()
      for (const piece of pieces) merged.merge(statisticsOf(piece).save())
      const whole = statisticsOf(pieces.flat())
      expect([merged.count(), merged.min(), merged.max()]).toEqual([whole.count(), whole.min(), whole.max()])
      for (const q of [0, 0.1, 0.5, 0.9, 1])
        for (const edge of ['low', 'high'] as const) expect(merged.quantile(q, edge)).toBe(whole.quantile(q, edge))
      const [a, b] = [merged.moments(), whole.moments()]
      const scale = Math.max(...pieces.flat().map(Math.abs), Number.MIN_VALUE)
      expect(Math.abs(a.mean - b.mean) / scale).toBeLessThan(1e-12)
      expect(Math.abs(a.deviation - b.deviation) / scale).toBeLessThan(1e-7)
    }),
  )
})
