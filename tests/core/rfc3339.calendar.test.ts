// Times in text against Python's calendar, and the reader of bytes against the reader of text.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { millisecondsOfText } from '../../core/rfc3339.ts'
import { parseValue } from '../../core/values.ts'
import { scanIsoTime } from '../../stream/bytes/scan-string.ts'

const ORACLE = join(import.meta.dirname, '../fixtures/core/rfc3339.py')
const COUNT = 20_000

/** Two digits of a number that mostly fits, and now and then is one of those around its ends. */
const two = (low: number, high: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 6, arbitrary: fc.integer({ min: low, max: high }) },
      { weight: 1, arbitrary: fc.constantFrom(0, low, high, high + 1, 28, 29, 30, 31, 59, 60, 99) },
    )
    .map((x) => String(x).padStart(2, '0'))

const year = fc
  .oneof(
    fc.integer({ min: 1960, max: 2040 }),
    fc.integer({ min: 0, max: 9999 }),
    fc.constantFrom(0, 1, 4, 99, 100, 400, 1582, 1600, 1900, 1969, 1970, 2000, 2023, 2024, 2100, 9999),
  )
  .map((x) => String(x).padStart(4, '0'))

const fraction = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.stringMatching(/^\.\d{1,12}$/),
  fc.constantFrom('.', '.9999999999', '.000', ',5', '.5 '),
)
const offset = fc.oneof(
  { weight: 3, arbitrary: fc.constant('Z') },
  fc.tuple(fc.constantFrom('+', '-'), two(0, 23), two(0, 59)).map(([sign, hour, minute]) => `${sign}${hour}:${minute}`),
  fc.constantFrom('z', '', '-00:00', '+00:00', '+0530', '+05', ' Z', 'ZZ', 'UTC', '+24:00', '-23:59', '+00:60'),
)
const date = fc.tuple(year, two(1, 12), two(1, 31)).map((parts) => parts.join('-'))
const dateTime = fc
  .tuple(
    date,
    fc.oneof({ weight: 8, arbitrary: fc.constant('T') }, fc.constantFrom('t', ' ', '_', '')),
    fc.tuple(two(0, 23), two(0, 59), two(0, 59)),
    fc.oneof({ weight: 8, arbitrary: fc.constant(3) }, fc.constantFrom(1, 2)),
    fraction,
    offset,
  )
  .map(([day, between, clock, parts, more, zone]) => `${day}${between}${clock.slice(0, parts).join(':')}${more}${zone}`)
/** One character is another one, or one too many. */
const damaged = fc
  .tuple(dateTime, fc.nat(30), fc.constantFrom('', '0', '9', '-', ':', 'T', '٣', '２', ' ', '\n'))
  .map(([text, at, character]) => text.slice(0, at) + character + text.slice(at + (at % 2)))
const anyText = fc.oneof({ weight: 1, arbitrary: date }, { weight: 8, arbitrary: dateTime }, damaged)

test('texts are times exactly where Python’s datetime has them', ({ skip }) => {
  const texts = fc.sample(anyText, COUNT)
  const { error, status, stdout, stderr } = spawnSync('python3', [ORACLE], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (error !== undefined) skip(`no python3: ${error.message}`)
  expect(status, stderr).toBe(0)
  const expected = JSON.parse(stdout) as (number | null)[]
  const found = texts.map(millisecondsOfText)
  for (const [i, text] of texts.entries()) expect(found[i], text).toBe(expected[i] ?? Number.NaN)
  // neither answer may hold the test alone
  const times = expected.filter((ms) => ms !== null).length
  expect(times).toBeGreaterThan(COUNT / 10)
  expect(times).toBeLessThan(COUNT * 0.9)
})

test('the scan of bytes knows the same calendar', () => {
  let taken = 0
  fc.assert(
    fc.property(anyText, (text) => {
      const bytes = Buffer.from(text, 'latin1')
      const scanned = scanIsoTime(bytes, 0, bytes.length)
      if (Number.isNaN(scanned)) return
      taken++
      expect(scanned, text).toBe(millisecondsOfText(text))
    }),
    { numRuns: COUNT },
  )
  expect(taken).toBeGreaterThan(COUNT / 20)
})

test.each([
  ['2024-02-29', 1_709_164_800_000],
  ['2000-02-29T00:00:00Z', 951_782_400_000],
  ['0000-01-01T00:00:00Z', -62_167_219_200_000], // the RFC's first year
  ['0000-02-29', -62_162_121_600_000],
  ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ['1937-01-01T12:00:27.87+00:20', -1_041_337_172_130], // an example of the RFC
  ['1996-12-19T16:39:57-08:00', 851_042_397_000],
  ['2024-05-06T07:08:09-00:00', 1_714_979_289_000], // nobody knows where the clock stood, everybody when
  ['2024-05-06t07:08:09z', 1_714_979_289_000],
  ['2024-05-06T07:08Z', 1_714_979_280_000],
  ['1969-12-31T23:59:59.9999999999Z', -1], // finer parts are cut off towards the past
  ['2024-01-01T00:00:00+23:59', 1_703_980_860_000],
])('%s is a time', (text, ms) => {
  expect(millisecondsOfText(text)).toBe(ms)
})

test.each([
  ...['2023-02-29', '1900-02-29', '2100-02-29T00:00:00Z', '2024-02-30', '2024-04-31T00:00:00Z', '2024-06-31'],
  ...['2024-00-01', '2024-13-01', '2024-01-00', '2024-01-32', '0000-00-00', '0000-00-00T00:00:00Z'],
  ...['2024-01-01T24:00:00Z', '2024-01-01T23:60:00Z', '2024-01-01T12:00:61Z', '2024-01-01T12:00:99Z'],
  ...['2024-01-01T00:00:00+24:00', '2024-01-01T00:00:00+00:60', '2024-01-01T00:00:00-99:99'],
  ...['2025-11-31T14:99:16.000000+01:00', '10000-01-01', '-000001-01-01', '2024-1-1', '24-01-01'],
  ...['2024-05-06 07:08:09Z', '2024-05-06T07:08:09', '2024-05-06T07:08:09+0530', '2024-05-06T07:08:09.Z', ''],
])('%s is no time', (text) => {
  expect(millisecondsOfText(text)).toBeNaN()
})

const time = { name: 'at', kind: 'time' } as const

test('a leap second is refused in its own words', () => {
  const expected = 'seconds up to 59: milliseconds since the epoch have no place for a leap second'
  for (const text of ['2016-12-31T23:59:60Z', '1990-12-31T15:59:60-08:00', '2016-12-31T23:59:60.5Z'])
    expect(parseValue(time, text)).toEqual({ ok: false, expected, found: JSON.stringify(text) })
  for (const text of ['2016-12-31T23:59:61Z', '2016-02-30T23:59:60Z', '2016-12-31T23:60:60Z'])
    expect(parseValue(time, text)).toMatchObject({ expected: 'an RFC 3339 time or integer milliseconds' })
})
