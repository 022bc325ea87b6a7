// The byte scanner against JSON.parse: the same columns, bit for bit, and the same rejects.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { jsonDecoder } from '../../../stream/json/decode-json.ts'
import { jsonScanner } from '../../../stream/json/scan-json.ts'
import { rowCollector } from '../../../stream/rows/rows.ts'
import { UNSCANNABLE } from '../carriers.ts'
import { numberText } from '../number-text.ts'
import { rawRecord } from '../raw-record.ts'

const SPECS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'at', kind: 'time' },
  { name: 'seconds', kind: 'time', unit: 's' },
  { name: 'plan', kind: 'category', values: ['free', 'team', 'ünïcode'] },
  { name: 'country', kind: 'category', top: 3 },
  { name: 'spend', kind: 'number', min: -10, max: 1e6 },
  { name: 'ratio', kind: 'number', from: 'renamed' },
  { name: 'isNew', kind: 'flag' },
  { name: 'pixels', kind: 'numbers', length: 4, min: 0, max: 255, integers: true },
  { name: 'floats', kind: 'numbers', length: 2, min: -1, max: 1, integers: false },
  { name: 'body', kind: 'text', maxBytes: 20 },
]

/** A string literal in one of its many forms. */
const stringText = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"free"',
    '"team"',
    '"\\u0066ree"',
    '"ünïcode"',
    '"DE"',
    '"FR"',
    '"\\ud800"',
    '"a\tb"',
    '"a\\/b"',
    '"\\x"',
  ),
  fc.constantFrom('"2024-02-29T12:00:00Z"', '"2023-02-29T12:00:00Z"', '"2024-05-06T07:08:09.123Z"', '"2024-05-06"'),
)

const listText = (element: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(element, { minLength: 2, maxLength: 4 }).map((all) => `[${all.join(', ')}]`)

const anyText = fc.oneof(
  { weight: 8, arbitrary: numberText },
  { weight: 8, arbitrary: stringText },
  { weight: 3, arbitrary: fc.constantFrom('true', 'false', 'null', 'nul', 'True') },
  { weight: 1, arbitrary: fc.jsonValue().map((json) => JSON.stringify(json)) },
)

function goodText(spec: ColumnSpec): fc.Arbitrary<string> {
  switch (spec.kind) {
    case 'number':
      return fc.double({ noNaN: true, min: -10, max: 1e6 }).map(String)
    case 'flag':
      return fc.constantFrom('true', 'false', '0', '1')
    case 'numbers':
      return spec.integers
        ? fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }).map((all) => JSON.stringify(all))
        : fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.constant(0.5)).map((all) => JSON.stringify(all))
    case 'time':
      return fc.oneof(
        fc.integer().map(String),
        fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)),
      )
    case 'category':
      return fc.constantFrom('"free"', '"team"', '"ünïcode"')
    default:
      return fc.string({ minLength: 1, maxLength: 6 }).map((text) => JSON.stringify(text))
  }
}

/** One event: most fields fit; now and then one is odd, missing, moved, or stands twice. */
const eventText = fc
  .tuple(
    fc.tuple(
      ...SPECS.map((spec) =>
        fc.oneof(
          { weight: 40, arbitrary: goodText(spec) },
          { weight: 1, arbitrary: anyText },
          { weight: 1, arbitrary: listText(numberText) },
          { weight: 1, arbitrary: fc.constant(undefined) },
        ),
      ),
    ),
    fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anyText }),
    fc.constantFrom('', '', '', ' ', '\n\t'),
    fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20) }),
    fc.constantFrom('', '', '', '', '', '', '', 'x', ',', '}', '{', ' \r\n'),
  )
  .map(([values, extra, space, moved, tail]) => {
    const pairs = SPECS.flatMap(({ name, from = name }, i) => (values[i] === undefined ? [] : [[from, values[i]]]))
    if (extra !== undefined) pairs.splice(3, 0, ['extra', extra])
    const first = pairs[0]
    if (moved > 0 && first !== undefined) pairs.splice(moved, moved % 2, first) // odd: stands twice
    const text = pairs.map(([key, value]) => `"${key}"${space}:${space}${value}`).join(`${space},${space}`)
    return `${space}{${text}}${tail}`
  })

/** Bytes with damage now and then. */
const eventBytes = fc
  .tuple(eventText, fc.oneof({ weight: 30, arbitrary: fc.constant(-1) }, fc.nat(200)))
  .map(([text, broken]) => {
    const bytes = Buffer.from(text)
    if (broken >= 0 && broken < bytes.length) bytes[broken] = 0xff
    return bytes
  })

describe('jsonDecoder with scan', () => {
  test('agrees with JSON.parse bit for bit', () => {
    fc.assert(
      fc.property(fc.array(eventBytes, { minLength: 1, maxLength: 40 }), (events) => {
        const scanning = jsonDecoder(SPECS, 4)
        const parsing = jsonDecoder([...SPECS, UNSCANNABLE], 4)
        for (const [offset, value] of events.entries()) {
          const record = rawRecord({ offset, timestamp: offset, value })
          scanning.add(record)
          parsing.add(record)
        }
        const found = scanning.finish()
        const expected = parsing.finish()
        expect(found.rejects).toEqual(expected.rejects)
        expect(found.columns?.rows).toBe(expected.columns?.rows)
        for (const [name, column] of Object.entries(found.columns?.byName ?? {}))
          expect(column, name).toStrictEqual(expected.columns!.byName[name])
      }),
      { numRuns: 600 },
    )
  })

  test('scans records that look alike', () => {
    const { fields } = rowCollector(SPECS, 0)
    const scan = jsonScanner(SPECS, fields)!
    const good = Buffer.from(
      '{"id": "a", "at": "2024-01-02T03:04:05Z", "plan": "free", "other": "x", "renamed": 1.5e3, "pixels": [1, 2, 30, 255]}',
    )
    const without = Buffer.from('{"id":"ünï","renamed":0.12345678901234567}')
    const moved = Buffer.from('{"renamed":1,"id":"b"}')
    const nested = Buffer.from('{"id":"b","renamed":{}}')
    expect([good, without, moved, nested].map((bytes) => scan(bytes, 0, bytes.length))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('leaves bytes that are not UTF-8 alone', () => {
    const column: ColumnSpec = { name: 'id', kind: 'id' }
    const scan = jsonScanner([column], rowCollector([column], 0).fields)!
    const good = Buffer.from('{"id":"a?"}')
    const damaged = Buffer.from(good)
    damaged[good.indexOf('?')] = 0xff
    expect(scan(good, 0, good.length)).toBe(true)
    expect(scan(damaged, 0, damaged.length)).toBe(false)
  })

  test('leaves nested columns and headers alone', () => {
    const column = { name: 'x', kind: 'text', maxBytes: 9 } as const
    const scannerOf = (spec: ColumnSpec) => jsonScanner([spec], rowCollector([spec], 0).fields)
    expect(scannerOf(column)).toBeDefined()
    expect(scannerOf({ ...column, from: 'a.b' })).toBeUndefined()
    expect(scannerOf({ ...column, header: 'h' })).toBeUndefined()
  })
})
