// Lists of bytes and of floats in JSON against JSON.parse: elements, spaces and ends of every form.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import { jsonValueDecoder } from '../../../stream/json/decode-json.ts'
import { decodeAll } from '../both-paths.ts'
import { UNSCANNABLE } from '../carriers.ts'

const LISTS: readonly ColumnSpec[] = [
  { name: 'list', kind: 'numbers', length: 4, min: 0, max: 255, integers: true },
  { name: 'list', kind: 'numbers', length: 4, min: 3, max: 200, integers: true },
  { name: 'list', kind: 'numbers', length: 4, min: -9, max: 255, integers: false },
]

const element = fc.oneof(
  { weight: 6, arbitrary: fc.constant('0') },
  { weight: 10, arbitrary: fc.integer({ min: 0, max: 255 }).map(String) },
  { weight: 2, arbitrary: fc.double({ min: -9, max: 255, noNaN: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('00', '007', '01', '256', '2000', '-1', '1e1', '1.0', '', 'null', '"1"', '3'),
  },
)
const separator = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(',', ', ') },
  fc.constantFrom(' ,', ',  ', ',\n', ',,'),
)
const close = fc.oneof({ weight: 12, arbitrary: fc.constant(']') }, fc.constantFrom(' ]', ',]', '', '}'))

const listText = fc
  .tuple(
    fc.oneof({ weight: 10, arbitrary: fc.constant(4) }, fc.constantFrom(0, 3, 5)),
    fc.array(fc.tuple(element, separator), { minLength: 5, maxLength: 5 }),
    close,
  )
  .map(([length, all, end]) => {
    const parts = all.slice(0, length).map(([text, between], i) => (i === length - 1 ? text : text + between))
    return `{"list":[${parts.join('')}${end}}`
  })

test.each(LISTS)('agrees with JSON.parse: $min to $max', (spec) => {
  let rows = 0
  fc.assert(
    fc.property(fc.array(listText, { minLength: 10, maxLength: 60 }), (texts) => {
      const values = ['{"list":[3,4,5,6]}', ...texts].map((text) => Buffer.from(text))
      const more = [spec, UNSCANNABLE]
      const found = decodeAll(values, [spec], (collector) => jsonValueDecoder([spec], collector))
      const expected = decodeAll(values, more, (collector) => jsonValueDecoder(more, collector))
      expect(found.rejects).toEqual(expected.rejects)
      expect(found.columns?.byName.list).toEqual(expected.columns?.byName.list)
      rows += found.columns?.rows ?? 0
    }),
    { numRuns: 200 },
  )
  expect(rows).toBeGreaterThan(150)
})
