// The bootstrap repeats itself by its seed and knows the standard error of a mean.
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { bootstrap, bootstrapInterval, replicatesFor } from '../../judge/bootstrap.ts'
import { weightedMean } from '../../judge/estimator.ts'

const random = seededRandom(5)
const values = Float64Array.from({ length: 2_000 }, () => random() ** 2)
const mean = (weights: Int32Array) => weightedMean(values, weights)

test('the same seed gives the same replicates', () => {
  const options = { rows: values.length, statistic: mean, replicates: 50 }
  const first = bootstrap({ ...options, seed: 1 })
  expect(bootstrap({ ...options, seed: 1 })).toEqual(first)
  expect(bootstrap({ ...options, seed: 2 })).not.toEqual(first)
})

test('weights sum to the number of rows', () => {
  const sums = bootstrap({
    rows: 7,
    seed: 3,
    statistic: (weights) => weights.reduce((total, weight) => total + weight, 0),
  })
  expect(new Set(sums)).toEqual(new Set([7]))
})

test('the interval of a mean is the normal one', () => {
  const estimate = values.reduce((total, value) => total + value, 0) / values.length
  const variance = values.reduce((total, value) => total + (value - estimate) ** 2, 0) / values.length
  const [low, high] = bootstrapInterval(bootstrap({ rows: values.length, seed: 4, statistic: mean }), estimate, 0.05)
  const error = Math.sqrt(variance / values.length)
  expect((estimate - low) / error).toBeCloseTo(1.96, 0)
  expect((high - estimate) / error).toBeCloseTo(1.96, 0)
})

test('undefined replicates are left out', () => {
  let calls = 0
  const replicates = bootstrap({
    rows: 2,
    seed: 1,
    replicates: 10,
    statistic: () => (calls++ % 2 === 0 ? Number.NaN : calls),
  })
  expect([...replicates]).toEqual([2, 4, 6, 8, 10])
})

test('a small alpha gets enough replicates', () => {
  expect(replicatesFor(0.05)).toBe(1_000)
  expect(replicatesFor(0.0001)).toBe(20_000)
})
