// Canonical JSON against RFC 8785 and against another implementation (fixtures/core/make.py).
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalBytes, digestOf, sha256 } from '../../core/digest.ts'
import golden from '../fixtures/core/canonical.json' with { type: 'json' }

const canonical = (value: unknown) => new TextDecoder().decode(canonicalBytes(value))

/** RFC 8785, appendix B: bits of a double and its form. */
const NUMBERS = `
0000000000000000 0
8000000000000000 0
0000000000000001 5e-324
8000000000000001 -5e-324
7fefffffffffffff 1.7976931348623157e+308
ffefffffffffffff -1.7976931348623157e+308
4340000000000000 9007199254740992
c340000000000000 -9007199254740992
4430000000000000 295147905179352830000
44b52d02c7e14af5 9.999999999999997e+22
44b52d02c7e14af6 1e+23
44b52d02c7e14af7 1.0000000000000001e+23
444b1ae4d6e2ef4e 999999999999999700000
444b1ae4d6e2ef4f 999999999999999900000
444b1ae4d6e2ef50 1e+21
3eb0c6f7a0b5ed8c 9.999999999999997e-7
3eb0c6f7a0b5ed8d 0.000001
41b3de4355555553 333333333.3333332
41b3de4355555554 333333333.33333325
41b3de4355555555 333333333.3333333
41b3de4355555556 333333333.3333334
41b3de4355555557 333333333.33333343
becbf647612f3696 -0.0000033333333333333333
43143ff3c1cb0959 1424953923781206.2`
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [string, string])

test.each(NUMBERS)('double %s is %s', (bits, text) => {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(`0x${bits}`))
  expect(canonical(view.getFloat64(0))).toBe(text)
})

test('the sample of RFC 8785 section 3.2.2', () => {
  const sample = {
    // biome-ignore lint/correctness/noPrecisionLoss: the sample of the RFC
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  expect(canonical(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('keys sort by UTF-16 units', () => {
  const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6']
  const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']
  const object = Object.fromEntries(keys.map((key) => [key, 0]))
  expect(canonical(object)).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`)
})

test('another implementation gives the same bytes', () => {
  expect(golden.length).toBeGreaterThan(100)
  for (const { value, canonical: text, sha256: digest } of golden) {
    expect(canonical(value)).toBe(text)
    expect(digestOf(value)).toBe(digest)
  }
})

test('order of keys does not matter', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse())
      expect(digestOf(reversed)).toBe(digestOf(object))
    }),
  )
})

test('canonical JSON reads back as the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, { a: [Number.NaN] }])(
  '%j has no canonical form',
  (value) => {
    expect(() => canonicalBytes(value)).toThrow()
  },
)

test('sha256 of the published vectors', () => {
  // FIPS 180-2, appendix B
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(sha256(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
