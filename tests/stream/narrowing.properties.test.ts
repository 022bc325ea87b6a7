// What a list column stores of a number: the nearest 32-bit float, finite, or with `integers` the number itself; every way in.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseValue } from '../../core/values.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import { decodeAll } from './both-paths.ts'
import { type Carrier, carriersOf } from './carriers.ts'
import { columnValues, storedCell } from './cells.ts'

const list = (integers: boolean, min: number, max: number): ColumnSpec => ({
  name: 'x',
  kind: 'numbers',
  length: 2,
  min,
  max,
  integers,
})

const SPECS = [
  list(false, -1e300, 1e300),
  list(false, -1e39, 0),
  list(false, 0, Number.MAX_VALUE),
  list(true, 0, 2 ** 53),
  list(true, -1e300, 1e300),
  list(true, 0, 16_777_216),
  list(true, 0, 255),
]

const element = fc.oneof(
  { weight: 3, arbitrary: fc.nat(260) },
  { weight: 2, arbitrary: fc.integer({ min: -260, max: 0 }) },
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: -1e40, max: 1e40 }),
  fc.integer({ min: 16_777_210, max: 16_777_230 }),
  fc.maxSafeInteger(),
  fc.nat(30).map((power) => 2 ** (power * 2) + (power % 2)),
  fc.constantFrom(3.4028234663852886e38, 3.4028235677973362e38, 3.4028235677973366e38, 1e39, -1e39, 0.5, 255, 256),
)

/** The row's elements as they are stored, or the reason why there is none. */
function stored(spec: ColumnSpec, { encode, specs, direct, byValues }: Carrier, given: readonly number[]): unknown[] {
  const record = encode(given)
  if (record === null) return []
  return [
    [specs.direct, direct],
    [specs.byValues, byValues],
  ].map(([columns, make]) => {
    const { columns: found, rejects } = decodeAll([record], columns as typeof specs.direct, make as typeof direct)
    return found === null ? rejects[0]!.reasons.join() : columnValues(found, spec.name)[0]
  })
}

test.each(SPECS)('%j holds what it was given, or refuses it', (spec) => {
  const { min, max, integers } = spec as Extract<ColumnSpec, { kind: 'numbers' }>
  const carriers = carriersOf(spec)
  let taken = 0
  fc.assert(
    fc.property(fc.tuple(element, element), (given) => {
      const isTaken = given.every((x) => {
        if (!(x >= min && x <= max) || !Number.isFinite(Math.fround(x))) return false
        return !integers || (Number.isSafeInteger(x) && Math.fround(x) === x)
      })
      expect(parseValue(spec, given).ok).toBe(isTaken)
      for (const carrier of carriers) {
        for (const found of stored(spec, carrier, given)) {
          if (!isTaken) expect(found, carrier.name).toMatch(/^schema 7: x: expected (numbers|integers) /)
          else expect(found, carrier.name).toEqual(storedCell(spec, given))
          if (isTaken) taken++
        }
      }
    }),
    { numRuns: 60 },
  )
  expect(taken).toBeGreaterThan(10)
})

describe('a refused element is named', () => {
  const wide = list(false, -1e300, 1e300)
  const exact = list(true, -1e300, 1e300)
  test.each([
    [wide, 1e39, 'numbers in the range of 32-bit floats', '1e+39'],
    [wide, -1e39, 'numbers in the range of 32-bit floats', '-1e+39'],
    [wide, Number.NaN, 'numbers in [-3.4028235677973362e+38, 3.4028235677973362e+38]', 'NaN'],
    [list(false, 0, 1), 1e39, 'numbers in [0, 1]', '1e+39'],
    [exact, 16_777_217, 'integers that a 32-bit float holds exactly', '16777217'],
    [exact, 2 ** 53, 'integers in [-9007199254740991, 9007199254740991]', '9007199254740992'],
    [exact, 0.5, 'integers in [-9007199254740991, 9007199254740991]', '0.5'],
  ])('%j of %d', (spec, x, expected, found) => {
    expect(parseValue(spec, [1, x])).toEqual({ ok: false, expected, found: `${found} at index 1` })
  })
})
