// Shapes: what each reads, and what it says of anything else.
import { expect, test } from 'vitest'
import {
  byKind,
  byName,
  flag,
  list,
  listOr,
  nullable,
  number,
  type Of,
  object,
  open,
  optional,
  type Shape,
  text,
  tuple,
  words,
} from '../../schemas/shape.ts'

const read = <T>(shape: Shape<T>, value: unknown): T => shape.read({ what: 'value', path: '' }, value)

const count = number({ min: 1, integer: true })
const side = byKind('kind', {
  square: { side: count },
  circle: { radius: number({ above: 0 }), filled: optional(flag) },
})

test.each<[string, Shape<unknown>, unknown]>([
  ['a number at its bounds', number({ min: 0, max: 1 }), 1],
  ['a word', words('a', 'b'), 'b'],
  ['a list', list(count), [1, 2]],
  ['a pair', tuple(count, ['low', 'high'], 'two'), [1, 2]],
  ['a list or else a word', listOr(list(count), words('all')), 'all'],
  ['a list and no word', listOr(list(count), words('all')), [3]],
  ['null', nullable(count), null],
  ['values by name', byName(count), { a: 1, 'b c': 2 }],
  ['an object without what may be absent', object({ a: count, b: optional(text()) }), { a: 1 }],
  ['an open object with more', open({ a: count }), { a: 1, more: [1] }],
  ['one of two kinds', side, { kind: 'circle', radius: 0.5 }],
])('%s is read', (_, shape, value) => {
  expect(read(shape, value)).toStrictEqual(value)
})

test.each<[string, Shape<unknown>, unknown, string]>([
  [
    'a number beyond its bounds',
    number({ above: 0, below: 1 }),
    1,
    'input: expected a finite number > 0 and < 1, found 1',
  ],
  ['no integer', count, 1.5, 'input: expected an integer ≥ 1, found 1.5'],
  ['NaN', number(), Number.NaN, 'input: expected a finite number, found NaN'],
  ['an unknown word', words('a', 'b'), 'c', 'input: expected one of a, b, found "c"'],
  ['a list of other things', list(count), [1, 'x'], '[1]: expected an integer ≥ 1, found "x"'],
  ['a list that is too short', list(count, { min: 2 }), [1], 'input: expected a list of at least 2, found [1]'],
  ['three of two', tuple(count, ['low', 'high'], 'two counts'), [1, 2, 3], 'input: expected two counts, found [1,2,3]'],
  ['a word that stands for no list', listOr(list(count), words('all')), 'none', 'expected one of all'],
  ['null', count, null, 'input: expected an integer ≥ 1, found null'],
  ['a wrong value of a name', byName(count), { 'b c': 0 }, '["b c"]: expected an integer ≥ 1, found 0'],
  ['a missing field', object({ a: count }), {}, 'a: expected an integer ≥ 1, found nothing'],
  ['another field', object({ a: count }), { a: 1, b: 2 }, 'b: expected no field of that name, found 2'],
  ['a field of every object', object({ a: count }), { a: 1, toString: 2 }, 'toString: expected no field of that name'],
  ['no prototype', object({ a: count }), JSON.parse('{"a":1,"__proto__":{}}'), '__proto__: expected no field'],
  ['another kind', side, { kind: 'line' }, 'kind: expected one of square, circle, found "line"'],
  ['a field of another kind', side, { kind: 'square', side: 1, radius: 1 }, 'radius: expected no field of that name'],
  ['a list instead of an object', side, [], 'input: expected an object, found []'],
])('%s is refused', (_, shape, value, message) => {
  expect(() => read(shape, value)).toThrow(message)
})

test('minus zero is read as zero', () => {
  expect(read(number(), -0)).toBe(0)
})

test('a kind has the type of its fields', () => {
  const circle: Extract<Of<typeof side>, { readonly kind: 'circle' }> = { kind: 'circle', radius: 1 }
  // @ts-expect-error a square has no radius
  const square: Of<typeof side> = { kind: 'square', radius: 1 }
  // @ts-expect-error what may be absent is not undefined
  const empty: Of<typeof side> = { kind: 'circle', radius: 1, filled: undefined }
  expect([circle, square, empty]).toHaveLength(3)
})
