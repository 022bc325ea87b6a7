// Seeded random numbers against another implementation (fixtures/core/make.py), and that they look random.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveSeed, permutation, seededRandom } from '../../core/random.ts'
import golden from '../fixtures/core/random.json' with { type: 'json' }

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

test.each(golden.draws)('draws of seed $seed', ({ seed, uint32 }) => {
  const random = seededRandom(seed)
  expect(uint32.map(() => random() * 2 ** 32)).toEqual(uint32)
})

test.each(golden.permutations)('permutation of seed $seed', ({ seed, order }) => {
  expect([...permutation(order.length, seededRandom(seed))]).toEqual(order)
})

test('draws lie in [0, 1)', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = seededRandom(seed)
      for (let i = 0; i < 100; i++) {
        const draw = random()
        expect(draw >= 0 && draw < 1).toBe(true)
      }
    }),
  )
})

test('draws fill their range evenly', () => {
  const random = seededRandom(1)
  const bins = new Int32Array(16)
  const draws = 160_000
  for (let i = 0; i < draws; i++) bins[Math.floor(random() * 16)]!++
  const expected = draws / 16
  const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  expect(chiSquare).toBeLessThan(37.7) // 0.999 quantile for 15 degrees of freedom
})

test('permutations hold every index once', () => {
  fc.assert(
    fc.property(fc.nat({ max: 300 }), seeds, (length, seed) => {
      const order = [...permutation(length, seededRandom(seed))]
      expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i))
    }),
  )
})

test('every permutation is about as likely', () => {
  const counts = new Map<string, number>()
  const random = seededRandom(2)
  const draws = 24_000
  for (let i = 0; i < draws; i++) {
    const key = permutation(4, random).join('')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  expect(counts.size).toBe(24)
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
  expect(chiSquare).toBeLessThan(49.7) // 0.999 quantile for 23 degrees of freedom
})

test('derived seeds differ by every part', () => {
  const derived = [
    deriveSeed(1),
    deriveSeed(2),
    deriveSeed(1, 'shuffle'),
    deriveSeed(1, 'shuffle', 0),
    deriveSeed(1, 'shuffle', 1),
    deriveSeed(1, 'shuffle', '1'),
    deriveSeed(1, 'dropout', 1),
    deriveSeed(1, 'shuf', 'fle', 1),
  ]
  expect(new Set(derived).size).toBe(derived.length)
})

test('derived seeds rarely collide', () => {
  const derived = new Set<number>()
  for (let seed = 0; seed < 100; seed++)
    for (let epoch = 0; epoch < 100; epoch++) derived.add(deriveSeed(seed, 'e', epoch))
  expect(derived.size).toBeGreaterThan(9_995) // 10,000 of 2^32: 0.01 collisions expected
})
