// What is proposed follows from names and values: ids, row numbers, labels, times, and what only looks like a number.
import { expect, test } from 'vitest'
import { profileSample } from '../../../plan/propose/profile.ts'
import { type Proposal, proposePipeline } from '../../../plan/propose/propose.ts'

const COUNT = 60

/** `row`: of one event, without a label */
function proposed(row: (i: number) => Record<string, unknown>, label?: string): Proposal {
  const rows = Array.from({ length: COUNT }, (_, i) => row(i))
  return proposePipeline(profileSample(rows), { name: 'sample', topic: 'sample', sample: 'rows', label })
}

const noteOf = ({ columns }: Proposal, name: string): string =>
  columns.find((column) => column.name === name)!.notes.join()

test.each(['column 1', 'Unnamed: 0', 'index', 'row', 'rownames', '#'])(
  'the row number %s is an id and no feature',
  (name) => {
    const { id, columns, features } = proposed((i) => ({ [name]: i, size: i % 7, label: i % 2 === 0 }))
    expect([id.made, features]).toEqual([false, ['size']])
    expect(columns[0]).toMatchObject({ name: id.name, kind: 'id', notes: [expect.stringContaining('counts the rows')] })
  },
)

test('an id comes before a row number, which is no feature either', () => {
  const { id, features } = proposed((i) => ({ index: i, orderId: 1000 + i, size: i % 7, label: i % 2 === 0 }))
  expect([id.name, features]).toEqual(['orderId', ['size']])
})

test('a number that names something is no feature', () => {
  const { features } = proposed((i) => ({ id: `e${i}`, user_id: i % 9, paid: i % 5, label: i % 2 === 0 }))
  expect(features).toEqual(['paid'])
})

test.each([
  [{ workclass: 'a', size: 1, income: 'b' }, 'income'],
  [{ Survived: 0, Pclass: 1, size: 2 }, 'Survived'],
  [{ isMember: true, churned: false, size: 1 }, 'churned'],
  [{ target: 1.5, churned: false, size: 1 }, 'target'],
  [{ salePrice: 1.5, size: 1, colour: 'a' }, 'salePrice'],
  [{ is_late: true, size: 1 }, 'is_late'],
  [{ size: 1, colour: 'a' }, 'colour'],
] as const)('of %j the label is %s', (values, label) => {
  const vary = (value: unknown, i: number): unknown => {
    if (typeof value === 'number') return i % 2 === 0 ? 0 : 1 + (Number.isInteger(value) ? 0 : i / 8)
    return typeof value === 'boolean' ? i % 2 === 0 : `${String(value)}${i % 3}`
  }
  const answer = proposed((i) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, vary(value, i)])),
  )
  expect(answer.label.name).toBe(label)
})

test('milliseconds since the epoch are a time', () => {
  const answer = proposed((i) => ({ at: Date.UTC(2026, 10, 30) + i, size: i % 7, label: i % 2 === 0 }))
  expect(answer.columns[0]).toMatchObject({ kind: 'time' })
  expect(noteOf(answer, 'at')).toContain('2026-11-30')
})

test.each([
  [(i: number) => `${i},5`, 'decimal comma'],
  [(i: number) => `1.${100 + i},5`, 'decimal comma'],
  [(i: number) => `2026-01-01 12:${10 + (i % 40)}:00`, 'without a zone'],
  [(i: number) => `p${i}@example.org`, 'personal'],
])('what looks like something else is said: %#', (text, words) => {
  const answer = proposed((i) => ({ field: text(i), size: i % 7, label: i % 2 === 0 }))
  expect(noteOf(answer, 'field')).toContain(words)
  expect(answer.features).toEqual(['size'])
})

test('integers that floats round are ids or categories', () => {
  const big = (i: number): bigint => 2n ** 60n + BigInt(i)
  const { id, columns } = proposed((i) => ({ tweet_id: big(i), thread: big(i % 9), size: i % 7, label: i % 2 === 0 }))
  expect(id).toEqual({ name: 'tweet_id', made: false })
  expect(columns[1]).toMatchObject({ kind: 'category', options: { top: 20 } })
})

test('a field that is an object now and then is left out', () => {
  const { columns, leftOut } = proposed((i) => ({ item: i % 2 ? { price: i } : 'none', size: i, label: i % 2 === 0 }))
  expect(columns.map(({ name }) => name)).toEqual(['size', 'label'])
  expect(leftOut).toEqual([expect.stringContaining('item: an object in some'), expect.stringContaining('item.price')])
})

test('a blank text keeps a category open', () => {
  const { columns } = proposed((i) => ({ colour: ['red', '', 'blue'][i % 3], size: i, label: i % 2 === 0 }))
  expect(columns[0]).toMatchObject({ kind: 'category', options: { top: 20 } })
})

test('names keep the letters below their accents', () => {
  const { columns } = proposed((i) => ({ Größe: i, 'São Paulo': i % 3, label: i % 2 === 0 }))
  expect(columns.map(({ name }) => name)).toEqual(['grosse', 'saoPaulo', 'label'])
})

test('nothing to predict from is refused', () => {
  expect(() => proposed((i) => ({ id: `e${i}`, label: i % 2 === 0 }))).toThrow('to predict from')
})
