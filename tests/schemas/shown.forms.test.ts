// What messages say they found.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shown } from '../../schemas/shown.ts'

test.each<[unknown, string]>([
  [undefined, 'nothing'],
  [null, 'null'],
  ['DE', '"DE"'],
  ['\ud800', '"\\ud800"'],
  [-0, '0'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [2n ** 64n, '18446744073709551616'],
  [{ a: 2n ** 64n, b: [Number.NaN] }, '{"a":"18446744073709551616","b":["NaN"]}'],
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
