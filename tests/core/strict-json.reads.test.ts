// Integers beyond 2^53 are put back exactly, whatever else the JSON holds, and keys that stand twice are found.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseByHand } from '../../core/escaped-keys.ts'
import { type JsonObject, keyTwice, readObject, restoreNumbers } from '../../core/strict-json.ts'
import { WrittenNumber } from '../../schemas/written-number.ts'

/** JSON text of a value whose bigints stand as digits. */
function textOf(value: unknown, space: string): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value))
    return `[${space}${value.map((each) => textOf(each, space)).join(`${space},${space}`)}${space}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}${space}:${space}${textOf(each, space)}`,
  )
  return `{${fields.join(`${space},`)}${space}}`
}

/** What the text should become: elements of lists are floats where there is one, and so are integers that a float holds. */
function asRead(value: unknown, isElement = false): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (!isElement) return Number.isSafeInteger(number) ? number : value
    return Number.isFinite(number) ? number : new WrittenNumber(String(value), number)
  }
  if (Array.isArray(value)) return value.map((each) => asRead(each, true))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asRead(each)]))
}

const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '', '0', '12', 'a:"b', '\\', '\\"', '{[,'),
)
const scalar = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
  fc.constantFrom(10n ** 399n, -(10n ** 30n), null, true, 1e300, -1e-300, 0.1234567890123456, 1.5),
  key,
)
const { object } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 4 }), tie('object')),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))

/** `1` as a key is made a string. */
function objectText(fields: readonly (readonly [string, string, string])[]): string {
  return `{${fields.map(([name, space, value]) => `${name === '1' ? '"1"' : name}${space}:${space}${value}`).join(',')}}`
}

/** Token by token. */
function hasTwice(text: string): boolean {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}:,]|\d+/g)!
  const levels: Set<string>[] = []
  return tokens.some((token, i) => {
    if (token === '{') levels.push(new Set())
    if (token === '}') levels.pop()
    if (tokens[i + 1] !== ':') return false
    const name = JSON.parse(token) as string
    const isTwice = levels.at(-1)!.has(name)
    levels.at(-1)!.add(name)
    return isTwice
  })
}

const read = (text: string): JsonObject => readObject(Buffer.from(text), 0, Buffer.byteLength(text)) as JsonObject

describe('integers of any size', () => {
  test('are what stands in the text', () => {
    fc.assert(
      fc.property(object, fc.constantFrom('', ' ', '\n\t'), (value, space) => {
        const found = restoreNumbers(read(textOf(value, space)))
        expect(found).toEqual(asRead(value))
      }),
      { numRuns: 500 },
    )
  })
  test('with too many digits are infinite, as written', () => {
    const digits = '9'.repeat(401)
    expect(restoreNumbers(read(`{"a":${digits}}`))).toEqual({ a: new WrittenNumber(digits, Infinity) })
  })
  test('of a large body take the time of one look', () => {
    const text = `{"a":9007199254740993,"b":[${'1,'.repeat(2_000_000)}1]}`
    const object = read(text)
    const start = process.cpuUsage()
    expect(restoreNumbers(object).a).toBe(9007199254740993n)
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000) // µs; with a reviver: 1.7 s and more
  })
})

describe('a key with escapes', () => {
  // each first text makes JSON.parse of some versions of V8 misread the second, https://github.com/nodejs/node/issues/63785
  test.each([
    ['{"a":{},"\\\\":1}', '{"a":{},"\\u0062":2}', { a: {}, b: 2 }],
    ['{"b":{},"\\\\":1}', '{"b":{},"\\n":2}', { b: {}, '\n': 2 }],
    ['{"c":{},"a\\\\":1}', '{"c":{},"a\\u0062":2}', { c: {}, ab: 2 }],
    ['{"d":{},"\\\\u":1}', '{"d":{},"\\u0061b":2}', { d: {}, ab: 2 }],
  ])('is itself, whatever was read before: %s', (before, text, expected) => {
    const kept = [read(before), read(before), read(before)]
    expect(read(text).object).toEqual(expected)
    expect(kept).toHaveLength(3)
  })

  test('is read by hand as JSON.parse would', () => {
    fc.assert(
      fc.property(object, fc.constantFrom('', ' ', '\n\t'), (value, space) => {
        const plain = asRead(value) as Record<string, unknown>
        const text = textOf(value, space)
        const found = parseByHand(text, 64)
        const read = { object: found as Record<string, unknown>, text, isRounded: true, isInfinite: true, widest: 0 }
        expect(restoreNumbers(read)).toEqual(plain)
      }),
      { numRuns: 500 },
    )
    const levels = (count: number) => `${'{"\\u0061":['.repeat(count)}${']}'.repeat(count)}`
    expect(parseByHand(levels(32), 64)).toBeDefined()
    expect(parseByHand(levels(33), 64)).toBeUndefined()
    expect('object' in read(levels(100_000))).toBe(false)
    expect(Object.keys(parseByHand('{"__proto__":{"a":1}}', 64) as object)).toEqual(['__proto__'])
  })
})

describe('a key that stands twice', () => {
  test('is found among texts that look like keys', () => {
    const part = fc.constantFrom('"a"', '"b"', '"a:"', '":"', '"\\":"', '"\\\\"', '"\\u0061"', '" :"', '"1"', '1')
    const space = fc.constantFrom('', '', ' ', '\n ')
    const inner = fc.array(fc.tuple(part, space, part), { maxLength: 3 }).map(objectText)
    const outer = fc.array(fc.tuple(part, space, fc.oneof(part, inner)), { maxLength: 4 }).map(objectText)
    let twice = 0
    fc.assert(
      fc.property(outer, (text) => {
        const isTwice = hasTwice(text)
        if (isTwice) twice++
        expect('object' in read(text), text).toBe(!isTwice)
        expect(keyTwice(text) !== undefined, text).toBe(isTwice)
      }),
      { numRuns: 2_000 },
    )
    expect(twice).toBeGreaterThan(100)
  })
  test.each([
    ['{"a":1,"b":{"a":1},"b":2}', 'b'],
    ['{"a":[{"x":1,"y":{}},{"x":1,"\\u0078" : 2}]}', 'x'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"a":"a\\":","b":["a","a"],"c":{"a:":1}}', undefined],
  ])('of %s is %s', (text, found) => {
    expect(keyTwice(text)).toBe(found)
    expect('object' in read(text)).toBe(found === undefined)
  })
})
