// Numbers that JSON.parse makes others of: a fraction that is lost, a number beyond floats. Both paths, and requests.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileRequest } from '../../../ml/features/request.ts'
import type { ColumnSpec } from '../../../schemas/columns.ts'
import type { Transform } from '../../../schemas/dataset.ts'
import { isFailure } from '../../../schemas/failures.ts'
import { readBody } from '../../../serving/body.ts'
import { UNSCANNABLE } from '../carriers.ts'
import { decode } from '../decoded.ts'

const json = { format: 'json' } as const
const ID: ColumnSpec = { name: 'id', kind: 'id' }

/** Digits, with a point and an exponent now and then, that lie close to an integer more often than not. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.maxSafeInteger().map((x) => String(Math.abs(x))),
      fc.nat(300).map(String),
      fc.constantFrom('0', '9007199254740991', '9007199254740992', '4503599627370496'),
    ),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant('') },
      fc.constantFrom('.0', '.00000000000000000', '.5', '.4', '.99999999999999999999', '.00000000000000000000000001'),
      fc.stringMatching(/^\.\d{1,20}$/),
    ),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      fc.integer({ min: -20, max: 20 }).map((x) => `e${x}`),
    ),
  )
  .map((parts) => parts.join(''))

/** By integers of any size alone; null: no integer. */
function integerOf(text: string): bigint | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(text) ?? []
  const digits = BigInt(whole + fraction)
  const places = fraction.length - Number(exponent)
  const size = places <= 0 ? digits * 10n ** BigInt(-places) : digits / 10n ** BigInt(places)
  if (places > 0 && digits % 10n ** BigInt(places) !== 0n) return null
  return sign === '-' ? -size : size
}

/** What an id of this text is; undefined: it is refused. Integers in other forms are taken as far as floats are exact. */
function idOf(text: string): string | undefined {
  const integer = integerOf(text)
  if (integer === null) return undefined
  return /^-?\d+$/.test(text) || Number.isSafeInteger(Number(integer)) ? String(integer) : undefined
}

async function idsOf(specs: readonly ColumnSpec[], text: string) {
  const { rows, rejects } = await decode(json, specs, [`{"id":${text}}`, `{"y":{},"id" : ${text}}`])
  return [0, 1].map((offset) => rows[offset]?.id ?? rejects[offset])
}

describe('an id', () => {
  test('is the integer that was written, or refused', async () => {
    let taken = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(numberText, async (text) => {
        const id = idOf(text)
        if (id === undefined) refused++
        else taken++
        for (const specs of [[ID], [ID, UNSCANNABLE]]) {
          for (const found of await idsOf(specs, text)) {
            if (id !== undefined) expect(found, text).toBe(id)
            else
              expect(found, text).toEqual([expect.stringMatching(/^id: expected a non-empty string or an integer, /)])
          }
        }
      }),
      { numRuns: 3_000 },
    )
    expect(taken).toBeGreaterThan(300)
    expect(refused).toBeGreaterThan(300)
  })
})

const kinds: readonly (readonly [ColumnSpec, string])[] = [
  [{ name: 'x', kind: 'id' }, 'a non-empty string or an integer'],
  [{ name: 'x', kind: 'time' }, 'an RFC 3339 time or integer milliseconds'],
  [{ name: 'x', kind: 'time', unit: 's' }, 'an RFC 3339 time or integer seconds'],
  [{ name: 'x', kind: 'category', top: 3 }, 'a string'],
  [{ name: 'x', kind: 'flag' }, 'true or false'],
]

function requestOf(spec: ColumnSpec, text: string): unknown {
  const transform: Transform = {
    kind: 'transform',
    width: 1,
    features: [{ column: 'x', encode: 'indicator', width: 1 }],
  }
  try {
    return compileRequest([spec], transform).open()(readBody(Buffer.from(text))).x
  } catch (error) {
    if (!isFailure(error, 'REQUEST_INVALID')) throw error
    return `expected ${error.facts.expected}, found ${error.facts.found}`
  }
}

describe.each(kinds)('column %j', (spec, expected) => {
  const specs = spec.kind === 'id' ? [spec] : [ID, spec]

  test.each(['1.5', '1.0000000000000000001', '0.99999999999999999999', '1e-400', '-1e-400', '1e400', '-1e400'])(
    '%s is refused as it was written',
    async (text) => {
      const reason = `expected ${expected}, found ${text}`
      for (const columns of [specs, [...specs, UNSCANNABLE]]) {
        const { rejects } = await decode(json, columns, [`{"id":"a","x":${text}}`])
        expect(rejects[0]).toEqual([`x: ${reason}`])
      }
      expect(requestOf(spec, `{"x":${text}}`)).toBe(reason)
    },
  )

  test.each(['1', '1.0', '1e0', '10e-1', '0.1e1', '1.00000000000000000000'])('%s is 1', async (text) => {
    for (const columns of [specs, [...specs, UNSCANNABLE]]) {
      const { rejects } = await decode(json, columns, [`{"id":"a","x":${text}}`])
      expect(rejects).toEqual({})
    }
    expect(requestOf(spec, `{"x":${text}}`)).toBe(requestOf(spec, '{"x":1}'))
  })
})

describe('floats', () => {
  const columns: readonly ColumnSpec[] = [
    ID,
    { name: 'x', kind: 'number', from: 'a.x' },
    { name: 'list', kind: 'numbers', length: 2, min: -1, max: 10, integers: false },
  ]
  const refused = async (text: string) => (await decode(json, columns, [text])).rejects[0]

  test('beyond 64 bits are refused as written', async () => {
    expect(await refused('{"id":1,"a":{"x":1e400}}')).toEqual(['x: expected a finite number, found 1e400'])
    expect(await refused(`{"id":1,"a":{"x":-${'9'.repeat(401)}}}`)).toEqual([
      `x: expected a finite number, found -${'9'.repeat(56)}...`,
    ])
    expect(await refused('{"id":1,"list":[1,-1e400]}')).toEqual([
      'list: expected numbers in [-1, 10], found -1e400 at index 1',
    ])
    expect(await refused('{"id":1,"a":1e400}')).toEqual(['x: expected an object at a, found a number'])
  })

  test('are the nearest, whatever they lose', async () => {
    const texts = ['1.0000000000000000001', '9007199254740993.5', '1e-400', '9007199254740993.0']
    const values = texts.map((text, i) => `{"id":${i},"a":{"x":${text}}}`)
    const { rows } = await decode(json, columns, values)
    expect(Object.values(rows).map(({ x }) => x)).toEqual(texts.map(Number))
  })
})
