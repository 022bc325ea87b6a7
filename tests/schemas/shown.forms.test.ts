// What messages say they found.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listed, shown } from '../../schemas/shown.ts'

test.each<[unknown, string]>([
  [undefined, 'nothing'],
  [null, 'null'],
  ['DE', '"DE"'],
  ['\ud800', '"\\ud800"'],
  [-0, '0'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [2n ** 64n, '18446744073709551616'],
  [{ a: 2n ** 64n, b: [Number.NaN] }, '{"a":18446744073709551616,"b":["NaN"]}'],
  [Uint8Array.of(1, 2), '2 bytes'],
  [() => 1, 'a function'],
])('%o is %s', (value, text) => {
  expect(shown(value)).toBe(text)
})

test('a long one is cut, never inside a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 100, maxLength: 200 }),
      fc.integer({ min: 4, max: 80 }),
      (text, limit) => {
        const found = shown(text, limit)
        expect(found).toHaveLength(limit)
        expect(found).toMatch(/\.\.\.$/)
        expect(found.isWellFormed()).toBe(true)
      },
    ),
  )
})

test('of many names the first are listed', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `n${i}`)
  expect(listed(['a', 'b'])).toBe('a, b')
  expect(listed(names.slice(0, 30))).toBe(names.slice(0, 30).join(', '))
  expect(listed(new Set(names))).toBe(`${names.slice(0, 30).join(', ')} and 9970 more`)
  expect(listed(['x'.repeat(100_000)])).toHaveLength(60)
})
