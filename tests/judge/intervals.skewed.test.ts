// Means of skewed losses: the interval leans to the side where a row that was not drawn could lie.
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { bootstrap, bootstrapInterval } from '../../judge/bootstrap.ts'
import { weightedMean } from '../../judge/estimator.ts'
import { measure } from '../../judge/evidence.ts'
import { skewedMeanInterval } from '../../judge/intervals.ts'

const Z = 1.959964
const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Log-normal: most losses are small, a few are very large. */
function losses(rows: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Float64Array.from({ length: rows }, () => Math.exp(2 * normal()))
}

test('without skewness it is the normal one', () => {
  const values = Float64Array.of(1, 3, 5, 7, 9)
  const error = Math.sqrt(8 / 5)
  const [low, high] = skewedMeanInterval(values, 0.05)
  expect([low, high]).toEqual([expect.closeTo(5 - Z * error, 5), expect.closeTo(5 + Z * error, 5)])
  expect(skewedMeanInterval(Float64Array.of(2, 2, 2), 0.05)).toEqual([2, 2])
})

test('it moves with the values, and is mirrored with them', () => {
  const values = losses(50, 1)
  const [low, high] = skewedMeanInterval(values, 0.05)
  const moved = skewedMeanInterval(
    values.map((value) => 10 - 3 * value),
    0.05,
  )
  expect(moved).toEqual([expect.closeTo(10 - 3 * high, 9), expect.closeTo(10 - 3 * low, 9)])
  expect(high - meanOf(values)).toBeGreaterThan(meanOf(values) - low)
})

test('it misses the truth above it less often than the normal one', () => {
  const truth = Math.exp(2) // of a log-normal with deviation 2
  const samples = Array.from({ length: 300 }, (_, seed) => losses(100, seed))
  const tooLow = (upper: (values: Float64Array) => number) => samples.filter((each) => upper(each) < truth).length
  const normal = tooLow((values) => {
    const mean = meanOf(values)
    return mean + Z * Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / values.length)
  })
  expect(tooLow((values) => skewedMeanInterval(values, 0.05)[1])).toBeLessThan(normal)
})

test.each([200, 3_000])('a metric of %i skewed losses has it', (rows) => {
  const values = losses(rows, rows)
  const value = (weights: Int32Array) => weightedMean(values, weights)
  const [, high] = measure({ value, range: [0, 1e9], reach: values }, { rows, alpha: 0.05, seed: 1 }).interval
  expect(high).toBeCloseTo(skewedMeanInterval(values, 0.05)[1], 9)
  const replicates = bootstrap({ rows, seed: 1, statistic: value })
  expect(high).toBeGreaterThan(bootstrapInterval(replicates, meanOf(values), 0.05)[1])
})
