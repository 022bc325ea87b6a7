// How far two ways of computing are apart: by the kind that is worst, and NaN is worse than any distance.
import { expect, it } from 'vitest'
import { furthest } from '../../../../ml/training/engine/furthest.ts'

it('is relative to what is expected, of the worst kind', () => {
  expect(furthest({ a: [3, 4], b: [10] }, { a: [3, 4.5], b: [10.5] })).toEqual({ of: 'a', distance: 0.1 })
  expect(furthest({ a: [3, 4], b: [10] }, { a: [3, 4], b: [10.5] })).toEqual({ of: 'b', distance: 0.05 })
})

it('is nothing where nothing differs, zeros included', () => {
  expect(furthest({ a: [0, 0] }, { a: [0, 0] }).distance).toBe(0)
  expect(furthest({ a: [0] }, { a: [1e-9] }).distance).toBe(Number.POSITIVE_INFINITY)
})

it.each([
  { a: [Number.NaN], b: [2] },
  { a: [2], b: [Number.NaN] },
])('is NaN where a number is none: %j', (found) => {
  expect(furthest({ a: [1], b: [1] }, found).distance).toBeNaN()
})
