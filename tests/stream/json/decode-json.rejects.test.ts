// What becomes a reject, with which reasons, and what is kept of it.
import { expect, test } from 'vitest'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import type { Reject } from '../../../schemas/segment.ts'
import { jsonDecoder } from '../../../stream/json/decode-json.ts'
import { rawRecord } from '../raw-record.ts'

const SPECS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'size', kind: 'number', min: 0 },
  { name: 'shape', kind: 'category', values: ['round', 'square'] },
  { name: 'pixels', kind: 'numbers', length: 2, min: 0, max: 255, integers: true },
]

function rejectsOf(...values: (string | Buffer | null)[]): Reject[] {
  const decoder = jsonDecoder(SPECS, 3)
  for (const [offset, value] of values.entries()) decoder.add(rawRecord({ offset, value, key: 'k', timestamp: 9 }))
  return decoder.finish().rejects
}

test('all reasons of a record are kept', () => {
  const [reject] = rejectsOf('{"size":-1,"shape":"flat","pixels":[1,256]}')
  expect(reject!.reasons).toEqual([
    'id: expected a non-empty string or an integer, found nothing',
    'size: expected a number ≥ 0, found -1',
    'shape: expected one of round, square, found "flat"',
    'pixels: expected integers in [0, 255], found 256 at index 1',
  ])
})

test('key, value, headers, time and offset are kept', () => {
  const value = Buffer.from([0xff, 0xfe, 0x00])
  expect(rejectsOf('{"id":1}', value)).toEqual([
    {
      partition: 3,
      offset: 1,
      timestamp: 9,
      key: new Uint8Array(Buffer.from('k')),
      value: new Uint8Array(value),
      headers: new Uint8Array([0]),
      reasons: ['not JSON: the bytes are not UTF-8'],
    },
  ])
})

test.each([
  [null, 'no value'],
  ['', 'not JSON: Unexpected end of JSON input'],
  ['[1]', 'expected a JSON object, found a list'],
  ['null', 'expected a JSON object, found null'],
  ['3', 'expected a JSON object, found a number'],
  ['\ufeff{"id":1}', /^not JSON: /],
  ['{"id":1}{', /^not JSON: /],
  [Buffer.from('{"id":"\xff"}', 'latin1'), 'not JSON: the bytes are not UTF-8'],
  ['{"id":"\\ud800"}', 'id: expected well-formed Unicode, found "\\ud800"'],
])('%j is rejected', (value, reason) => {
  expect(rejectsOf(value)[0]!.reasons).toEqual([typeof reason === 'string' ? reason : expect.stringMatching(reason)])
})

test.each([
  ['[1.5,2]', 'integers in [0, 255], found 1.5 at index 0'],
  ['[1,null]', 'integers in [0, 255], found null at index 1'],
  ['[1,"2"]', 'integers in [0, 255], found "2" at index 1'],
  ['[1,2,3]', 'a list of 2 numbers, found 3 elements'],
  ['{"0":1,"1":2,"length":2}', 'a list of 2 numbers, found {"0":1,"1":2,"length":2}'],
])('a list of %s is rejected', (list, expected) => {
  expect(rejectsOf(`{"id":1,"pixels":${list}}`)[0]!.reasons).toEqual([`pixels: expected ${expected}`])
})

test('reasons stay short', () => {
  const [reject] = rejectsOf(`{"id":1,"size":"${'a b '.repeat(10_000)}"}`)
  expect(reject!.reasons[0]!.length).toBeLessThan(120)
})

test('a rejected row leaves no trace', () => {
  const decoder = jsonDecoder([{ name: 'tag', kind: 'category' }, ...SPECS], 0)
  decoder.add(rawRecord({ value: '{"tag":"lost","pixels":[9,9]}' }))
  decoder.add(rawRecord({ offset: 1, value: '{"tag":"kept","id":1,"pixels":[1,2]}' }))
  const { tag, pixels } = decoder.finish().columns!.byName
  expect(tag).toMatchObject({ dictionary: ['kept'] })
  expect(pixels).toMatchObject({ values: Uint8Array.of(1, 2), valid: null })
})

test('a missing list holds zeros, whatever was rejected before', () => {
  const decoder = jsonDecoder(SPECS, 0)
  decoder.add(rawRecord({ value: '{"id":"","pixels":[9,9]}' }))
  decoder.add(rawRecord({ offset: 1, value: '{"id":1,"pixels":null}' }))
  const { pixels } = decoder.finish().columns!.byName
  expect(pixels).toMatchObject({ values: Uint8Array.of(0, 0), valid: Uint8Array.of(0) })
})

test.each([
  '{"id":"a","id":"b"}',
  '{"id":"a","\\u0069d":"b"}',
  '{"id":"a", "other" : {"x":1,"y":[{"z":1 , "z"\n:2}]}}',
  '{"id":"a","__proto__":1,"__proto__":2}',
])('a key that stands twice is rejected: %s', (value) => {
  expect(rejectsOf(value)[0]!.reasons).toEqual(['expected every key once in its object, found one twice'])
})

test.each(['{"id":"a:\\"b\\\\","x":["id","id:",{}],"y":{"id":"\\\\\\":"}}', '{"id" :"\\"id\\":", "":{"":0}}'])(
  'equal texts that are no keys are fine: %s',
  (value) => {
    expect(rejectsOf(value)).toEqual([])
  },
)

test.each([
  ['[', ']'],
  ['{"a":', '}'],
])('nesting of %s is bounded', (open, close) => {
  const nested = (levels: number): string => `{"id":1,"x":${open.repeat(levels)}1${close.repeat(levels)}}`
  const reasons = ['expected at most 64 levels of objects and lists, found more']
  expect(rejectsOf(nested(63))).toEqual([])
  expect(rejectsOf(nested(64))[0]!.reasons).toEqual(reasons)
  expect(rejectsOf(nested(100_000).replace('"x"', '"size"'))[0]!.reasons).toEqual(reasons)
})

test('a nested integer of any size can be shown', () => {
  const [reject] = rejectsOf('{"id":18446744073709551615,"size":{"a":18446744073709551615}}')
  expect(reject!.reasons).toEqual(['size: expected a finite number, found {"a":18446744073709551615}'])
})

test('bytes outlive the fetch buffer', () => {
  const decoder = jsonDecoder([{ name: 'id', kind: 'id' }], 0)
  const good = rawRecord({ key: 'key', value: '{"id":"abc"}' })
  const bad = rawRecord({ key: 'key', value: '{}' })
  decoder.add(good)
  decoder.add(bad)
  good.bytes.fill(0)
  bad.bytes.fill(0)
  const { columns, rejects } = decoder.finish()
  expect(columns!.byName._key).toMatchObject({ bytes: new Uint8Array(Buffer.from('key')) })
  expect(Buffer.from(rejects[0]!.value!).toString()).toBe('{}')
})
