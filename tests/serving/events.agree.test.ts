// The same JSON text is the same value as an event and as a request, or refused as both, for every kind of column.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRequest } from '../../ml/features/request.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { FittedFeature, Transform } from '../../schemas/dataset.ts'
import { isFailure } from '../../schemas/failures.ts'
import { readBody } from '../../serving/body.ts'
import { decode } from '../stream/decoded.ts'

/** Filled in where a test asks about another column. */
const ID: ColumnSpec = { name: 'id', kind: 'id' }

const SPECS: readonly ColumnSpec[] = [
  { name: 'x', kind: 'time' },
  { name: 'x', kind: 'time', unit: 'ns' },
  { name: 'x', kind: 'time', unit: 's' },
  { name: 'x', kind: 'category', top: 5 },
  { name: 'x', kind: 'category', values: ['a', '9007199254740993', '', '7'] },
  { name: 'x', kind: 'number' },
  { name: 'x', kind: 'number', min: -1, max: 9007199254740992 },
  { name: 'x', kind: 'flag' },
  { name: 'x', kind: 'text', maxBytes: 12 },
  { name: 'x', kind: 'numbers', length: 2, min: 0, max: 255, integers: true },
  { name: 'x', kind: 'numbers', length: 2, min: -1e30, max: 1e30, integers: false },
  { name: 'x', kind: 'id' },
]

const digits = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map(String),
  fc.nat(300).map(String),
  fc.constantFrom(
    '-0',
    '1e400',
    '-1e400',
    '1e-400',
    '1E5',
    '1.0',
    '9007199254740993.0',
    '1e16',
    '0.1',
    '16777217',
    '1e39',
  ),
  fc.integer({ min: 300, max: 420 }).map((length) => '9'.repeat(length)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => JSON.stringify(x)),
)
const time = fc.constantFrom(
  '2024-02-29',
  '2023-02-29',
  '2024-05-06T07:08:09Z',
  '2024-05-06T24:00:00Z',
  '2024-04-31T00:00:00.5+01:00',
)
/** Written with escapes now and then, halves of pairs among them. */
const string = fc
  .oneof(
    fc.constantFrom('a', '7', '', 'true', '9007199254740993', '"', '\\', '\ud83d\ude42'),
    time,
    fc.string({ unit: 'binary' }),
  )
  .chain((text) =>
    fc.constantFrom(
      JSON.stringify(text),
      `"${[...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
    ),
  )
const scalar = fc.oneof(digits, string, fc.constantFrom('true', 'false', 'null', '1', '0'))
const list = fc
  .array(fc.oneof(digits, fc.nat(255).map(String), fc.constantFrom('null', '"1"')), { maxLength: 3 })
  .map((all) => `[${all.join(', ')}]`)
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  list,
  fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `[${a},${b}]`),
  fc.constantFrom('{}', '{"a":9007199254740993}', '[[1,2]]'),
)
const two = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `[${a},${b}]`)
/** Texts that a column of the kind may well take. */
const FITTING: Readonly<Record<ColumnSpec['kind'], fc.Arbitrary<string>>> = {
  id: fc.oneof(digits, string),
  time: fc.oneof(
    fc.maxSafeInteger().map(String),
    time.map((text) => JSON.stringify(text)),
  ),
  category: fc.oneof(digits, string),
  number: digits,
  flag: fc.constantFrom('true', 'false', '0', '1', '1.0', '-0', '1e0'),
  numbers: two,
  text: string,
}
const specAndValue = fc
  .constantFrom(...SPECS)
  .chain((spec) => fc.tuple(fc.constant(spec), fc.oneof({ weight: 3, arbitrary: FITTING[spec.kind] }, value)))
/** What else may stand in the object, and make its reader take another way. */
const beside = fc.constantFrom('', ',"y":9007199254740993', ',"y":{"x":1,"z":[{}]}', ',"y":"\\u0078"', ', "y" : null ')
const damage = fc.constantFrom(
  (text: string) => text,
  (text: string) => text,
  (text: string) => text.slice(0, -1),
  (text: string) => `${text} x`,
  (text: string) => text.replace('"x"', '"x":1,"x"'),
)

/** The value, or null where it is missing; undefined: refused. */
async function asEvent(spec: ColumnSpec, text: string): Promise<unknown> {
  const isId = spec.kind === 'id'
  const { rows } = await decode({ format: 'json' }, isId ? [spec] : [ID, spec], [text.replace('{', '{"id":1,')])
  return rows[0]?.x
}

function asRequest(spec: ColumnSpec, text: string): unknown {
  // what the numbers would become does not matter here: what is read is the same for each feature
  const feature = { column: 'x', encode: 'indicator', width: 1 } as const satisfies FittedFeature
  const transform: Transform = { kind: 'transform', width: 1, features: [feature] }
  try {
    return compileRequest([ID, spec], transform).open()(readBody(Buffer.from(text.replace('{', '{"id":1,')))).x
  } catch (error) {
    if (!isFailure(error, 'REQUEST_INVALID')) throw error
    return undefined
  }
}

/** Columns hold elements as bytes or 32-bit floats, as does the model's input, which rounds them when it is made; times as integers without −0. */
function stored({ kind }: ColumnSpec, read: unknown): unknown {
  if (kind === 'time' && typeof read === 'number') return read + 0
  return Array.isArray(read) ? read.map((x: number) => Math.fround(x)) : read
}

test('events and requests read the same', async () => {
  let kept = 0
  await fc.assert(
    fc.asyncProperty(specAndValue, beside, damage, async ([spec, x], more, damaged) => {
      const text = damaged(`{"x":${x}${more}}`)
      const event = await asEvent(spec, text)
      if (event !== undefined && event !== null) kept++
      const request = stored(spec, asRequest(spec, text))
      // a list has no fill, so a request must have it
      if (spec.kind === 'numbers' && event === null) expect(request, text).toBeUndefined()
      else expect(request, text).toEqual(event)
    }),
    { numRuns: 3_000 },
  )
  expect(kept).toBeGreaterThan(300)
})

test.each(['9007199254740992', '9007199254740993', '-9007199254740993', '18446744073709551615', '9'.repeat(40)])(
  'the category %s is itself',
  async (text) => {
    const spec: ColumnSpec = { name: 'x', kind: 'category', top: 5 }
    expect([await asEvent(spec, `{"x":${text}}`), asRequest(spec, `{"x":${text}}`)]).toEqual([text, text])
  },
)
