// One JSON value against its column: what passes comes out unchanged, what does not says why.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseValue } from '../../core/values.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'

const specs = {
  id: { name: 'x', kind: 'id' },
  time: { name: 'x', kind: 'time' },
  open: { name: 'x', kind: 'category', top: 3 },
  closed: { name: 'x', kind: 'category', values: ['a', 'b', '7'] },
  number: { name: 'x', kind: 'number', min: -1, max: 10 },
  flag: { name: 'x', kind: 'flag' },
  pixels: { name: 'x', kind: 'numbers', length: 3, min: 0, max: 255, integers: true },
  text: { name: 'x', kind: 'text', maxBytes: 4 },
} as const satisfies Record<string, ColumnSpec>
const anySpec = fc.constantFrom<ColumnSpec>(...Object.values(specs))

test('any JSON is either a value or refused in words', () => {
  fc.assert(
    fc.property(anySpec, fc.jsonValue(), (spec, json) => {
      const parsed = parseValue(spec, json)
      if (parsed.ok) return
      expect(parsed.expected.length).toBeGreaterThan(3)
      expect(parsed.found.length).toBeLessThan(100)
    }),
    { numRuns: 1_000 },
  )
})

test('parsing a parsed value changes nothing', () => {
  fc.assert(
    fc.property(
      anySpec,
      fc.oneof(fc.jsonValue(), fc.constantFrom('a', 7, true, [1, 2, 3], '2026-01-05')),
      (spec, json) => {
        const parsed = parseValue(spec, json)
        if (parsed.ok) expect(parseValue(spec, parsed.value)).toEqual(parsed)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('missing is null everywhere but in the id', () => {
  for (const spec of Object.values(specs)) {
    for (const json of [null, undefined]) {
      const parsed = parseValue(spec, json)
      if (spec.kind === 'id') expect(parsed.ok).toBe(false)
      else expect(parsed).toEqual({ ok: true, value: null })
    }
  }
})

test('numbers pass exactly within their bounds', () => {
  fc.assert(
    fc.property(fc.double(), (x) => {
      expect(parseValue(specs.number, x).ok).toBe(x >= -1 && x <= 10)
    }),
  )
})

test('lists pass exactly when every element fits', () => {
  const element = fc.oneof(fc.integer({ min: -5, max: 260 }), fc.double({ min: 0, max: 255 }))
  fc.assert(
    fc.property(fc.array(element, { minLength: 2, maxLength: 4 }), (list) => {
      const fits = list.length === 3 && list.every((x) => Number.isInteger(x) && x >= 0 && x <= 255)
      expect(parseValue(specs.pixels, list).ok).toBe(fits)
    }),
  )
})

test('text is measured in bytes of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5 }), (text) => {
      expect(parseValue(specs.text, text).ok).toBe(Buffer.byteLength(text) <= 4)
    }),
  )
})

test('times are read with their offset', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
      expect(parseValue(specs.time, date.toISOString())).toEqual({ ok: true, value: date.getTime() })
      expect(parseValue(specs.time, date.getTime())).toEqual({ ok: true, value: date.getTime() })
    }),
  )
})

test.each<[keyof typeof specs, unknown, unknown]>([
  ['id', 'order-1', 'order-1'],
  ['id', 17, '17'],
  ['time', '2026-01-05', 1_767_571_200_000],
  ['time', '2026-01-05T01:00:00+01:00', 1_767_571_200_000],
  ['closed', 'a', 'a'],
  ['closed', 7, '7'],
  ['open', 'anything', 'anything'],
  ['flag', true, 1],
  ['flag', 0, 0],
])('%s reads %j', (spec, json, value) => {
  expect(parseValue(specs[spec], json)).toEqual({ ok: true, value })
})

test.each<[keyof typeof specs, unknown, string, string]>([
  ['id', '', 'a non-empty string or an integer', '""'],
  ['id', 1.5, 'a non-empty string or an integer', '1.5'],
  ['time', 'yesterday', 'an RFC 3339 time or integer milliseconds', '"yesterday"'],
  ['time', '2026-01-05T01:00:00', 'an RFC 3339 time or integer milliseconds', '"2026-01-05T01:00:00"'],
  ['time', '2026-13-05', 'an RFC 3339 time or integer milliseconds', '"2026-13-05"'],
  ['closed', 'c', 'one of a, b, 7', '"c"'],
  ['number', '5', 'a finite number', '"5"'],
  ['number', 11, 'a number ≤ 10', '11'],
  ['flag', 'true', 'true or false', '"true"'],
  ['pixels', [1, 2], 'a list of 3 numbers', '2 elements'],
  ['pixels', [1, 2, 256], 'integers in [0, 255]', '256 at index 2'],
  ['pixels', [1, null, 3], 'integers in [0, 255]', 'null at index 1'],
  ['text', 'fünf', 'at most 4 bytes', '5 bytes'],
])('%s refuses %j', (spec, json, expected, found) => {
  expect(parseValue(specs[spec], json)).toEqual({ ok: false, expected, found })
})

test('a value outside of ten thousand is refused in few words', () => {
  const spec = { name: 'x', kind: 'category', values: Array.from({ length: 10_000 }, (_, i) => `v${i}`) } as const
  const parsed = parseValue(spec, 'other')
  expect(parsed).toMatchObject({ ok: false, expected: expect.stringMatching(/^one of v0, v1, .* and 9970 more$/) })
})
