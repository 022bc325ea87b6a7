// Columns of every kind, and the values at the edges of what they take: the edges come from the rule itself.
import fc from 'fast-check'
import { MAX_DATE_MS, type Rule, ruleOf } from '../../core/rule.ts'
import type { ColumnKind, ColumnSpec, TimeUnit } from '../../schemas/columns.ts'

const bound = fc.constantFrom(0, -1, 1, 0.5, -0.1, 7, 1000, 255, 256, 1e6, 2 ** 53 - 1, -(2 ** 53), 1e15, 1e300, -1e300)
const bounds = fc.tuple(bound, bound).map((both) => both.toSorted((a, b) => a - b) as [number, number])
const name = 'x'

const numberSpec = fc
  .tuple(bounds, fc.constantFrom('none', 'min', 'max', 'both'))
  .map(([[min, max], which]): ColumnSpec => {
    const lower = which === 'min' || which === 'both' ? { min } : {}
    return { name, kind: 'number', ...lower, ...(which === 'max' || which === 'both' ? { max } : {}) }
  })

const listSpec = fc
  .tuple(
    fc.oneof(bounds, fc.constantFrom<[number, number]>([0, 255], [0, 9], [3, 200])),
    fc.boolean(),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([[min, max], integers, length]): ColumnSpec => ({ name, kind: 'numbers', length, min, max, integers }))

const of = (kind: 'id' | 'flag' | 'category'): ColumnSpec => ({ name, kind })
const units: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns']

/** Columns of each kind: few, or random ones. */
export const SPECS: Readonly<Record<ColumnKind, readonly ColumnSpec[] | fc.Arbitrary<ColumnSpec>>> = {
  id: [of('id')],
  flag: [of('flag')],
  category: [of('category'), { name, kind: 'category', values: ['DE', 'FR', 'ünïcode', '7', ''] }],
  time: [{ name, kind: 'time' }, ...units.map((unit): ColumnSpec => ({ name, kind: 'time', unit }))],
  text: [1, 2, 3, 4, 40].map((maxBytes): ColumnSpec => ({ name, kind: 'text', maxBytes })),
  number: numberSpec,
  numbers: listSpec,
}

const float = new Float64Array(1)
const bits = new BigInt64Array(float.buffer)

/** The double behind x, away from 0. */
function behind(x: number): number {
  float[0] = x
  bits[0]!++
  return float[0]
}

/** The numbers at an edge, and on both sides of it. */
const around = (x: number): number[] => [x, behind(x), x - 1, x + 1, Math.floor(x), Math.trunc(x) + 0.5, -x]

function numbersOf({ min, max }: Rule): number[] {
  const edges = [min, max, 0, 1, 255, 2 ** 31, 2 ** 32, 2 ** 53 - 1, MAX_DATE_MS, MAX_DATE_MS / 1000, Number.MAX_VALUE]
  // the last three: integers that 32-bit floats do not hold and do, and the last number that they hold, rounded
  const odd = [-0, Number.NaN, Infinity, -Infinity, 1e-7, Number.MIN_VALUE, 3.4028234663852886e38, 1e39]
  const narrow = [16_777_217, 16_777_218, 3.4028235677973362e38].flatMap((x) => [x, behind(x), -x])
  return [...edges.filter(Number.isFinite).flatMap(around), ...odd, ...narrow]
}

const INTEGERS = [
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 62n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 63n,
  2n ** 64n - 1n,
  10n ** 30n,
  -(10n ** 19n),
]

const TIMES = [
  ...[
    '2024-02-29T23:59:59.999Z',
    '2023-02-29T00:00:00Z',
    '2024-02-30T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
  ],
  ...[
    '2024-01-01T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '2024-04-31T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00Z',
  ],
  ...[
    '1969-12-31T23:59:59Z',
    '2024-05-06',
    '2024-05-06T07:08Z',
    '2024-05-06T07:08:09',
    '2024-05-06T07:08:09.123456789+05:30',
  ],
  ...[
    '2024-05-06T07:08:09.1Z',
    '2024-05-06t07:08:09z',
    '20240506',
    '2024-1-1',
    ' 2024-05-06',
    '-000001-01-01',
    '1700000000000',
  ],
  ...['2024-02-30', '2024-04-31', '2024-06-31T12:00:00Z', '2024-01-01T23:60:00Z', '2024-01-01T12:00:60Z', '0000-01-01'],
  ...['2024-01-01T00:00:00+24:00', '2024-01-01T00:00:00-23:59', '2024-01-01T00:00:00+00:60', '2100-02-29T00:00:00Z'],
]

const TEXTS = [
  'a',
  'DE',
  'FR',
  'ünïcode',
  '7',
  'de',
  'IT',
  'ä',
  '€',
  '🙂',
  '\ud83d',
  '\ude42',
  'a\ud800',
  '\ufffd',
  '\ufeff',
  '\u0000',
  'x"\\\n',
  'true',
  '0',
  'nothing',
]

/** Of exactly so many bytes of UTF-8, in characters of one, two, three and four bytes. */
function textsOf(bytes: number): string[] {
  const filled = ['a', 'ü', '€', '🙂'].map((character) => {
    const size = Buffer.byteLength(character)
    return character.repeat(Math.floor(bytes / size)) + 'a'.repeat(bytes % size)
  })
  return filled
}

function stringsOf({ kind, max, allowed }: Rule): string[] {
  const lengths = kind === 'text' ? [max - 1, max, max + 1, max * 2] : [31, 32, 33, 47, 48, 49, 64, 65, 100]
  return ['', ...TEXTS, ...TIMES, ...(allowed ?? []), ...lengths.flatMap(textsOf)]
}

/** Lists of the right length whose last element is at an edge, and lists of other lengths. */
function listsOf(rule: Rule): unknown[] {
  const { length } = rule
  const good = Number.isInteger(rule.min) || !rule.integers ? rule.min : Math.ceil(rule.min)
  const filled = (element: unknown): unknown[] => [
    ...Array.from({ length: Math.max(length - 1, 0) }, () => good),
    element,
  ]
  const elements: unknown[] = [...numbersOf(rule), null, '1', true, [1], 2n ** 53n + 1n, 2n ** 63n - 1n]
  const bytes = [0, 1, 3, 9, 10, 200, 201, 255].map((last) => Uint8Array.from(filled(last) as number[]))
  const lengths = [0, length - 1, length + 1].filter((count) => count >= 0)
  return [
    ...elements.map(filled),
    ...bytes,
    ...lengths.map((count) => Array<number>(count).fill(good)),
    ...lengths.map((count) => new Uint8Array(count)),
  ]
}

const daysAndMore = [
  ...[0, 86_400_000, -86_400_000, 1_700_000_000_123, -1, MAX_DATE_MS, -MAX_DATE_MS, MAX_DATE_MS + 1],
  ...[Date.UTC(9999, 11, 31, 23, 59, 59, 999), -62_135_596_800_000], // of a Timestamp the last one and the first
]

/** What the kinds take and what they do not, as parseValue is given it. Dates are there for times alone: elsewhere they are their integers. */
export function edgesOf(spec: ColumnSpec): unknown[] {
  const rule = ruleOf(spec)
  const dates = spec.kind === 'time' ? daysAndMore.map((ms) => new Date(ms)) : []
  const all = [
    undefined,
    null,
    true,
    false,
    {},
    [],
    ...numbersOf(rule),
    ...INTEGERS,
    ...stringsOf(rule),
    ...listsOf(rule),
    ...dates,
  ]
  return all
}
