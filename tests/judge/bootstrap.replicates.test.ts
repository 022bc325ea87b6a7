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
  // ± three standard errors of a 2.5 % quantile of 1,000 replicates: √(0.025 × 0.975 / 1,000) / φ(1.96) = 0.084
  expect(Math.abs((estimate - low) / error - 1.96)).toBeLessThan(0.26)
  expect(Math.abs((high - estimate) / error - 1.96)).toBeLessThan(0.26)
})

test('biased replicates are mirrored at the estimate', () => {
  const replicates = Float64Array.from({ length: 999 }, (_, i) => i + 1) // all above the estimate
  const [low, high] = [25, 975] // ranks of 2.5 % and 97.5 % of 999
  expect(bootstrapInterval(replicates, 0, 0.05)).toEqual([-high, high])
  expect(bootstrapInterval(replicates, 1_000, 0.05)).toEqual([low, 2_000 - low])
  expect(bootstrapInterval(replicates, 500, 0.05)).toEqual([low, high]) // its middle: the mirror changes nothing
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
