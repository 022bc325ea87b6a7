// Columns far beyond their first capacity hold what was pushed.
import { expect, test } from 'vitest'
import { type Column, isValid } from '../../../schemas/columns.ts'
import {
  buildBool,
  buildBytes,
  buildDictionary,
  buildFloat64,
  buildInt32,
  buildInt64,
  buildList,
  type NumberBuilder,
} from '../../../stream/rows/build.ts'

const ROWS = 5000
const isMissing = (row: number): boolean => row % 11 === 3 && row > 2000
const rows = Array.from({ length: ROWS }, (_, row) => row)

/** Lengths are exact, and bits past the last row are 0: bytes of a segment must not depend on capacity. */
function expectValidity({ valid }: Column): void {
  expect(valid).toHaveLength(Math.ceil(ROWS / 8))
  expect(rows.filter((row) => !isValid(valid, row))).toEqual(rows.filter(isMissing))
  for (let bit = ROWS; bit < valid!.length * 8; bit++) expect(isValid(valid, bit)).toBe(false)
}

test.each<[string, () => NumberBuilder, (row: number) => number]>([
  ['float64', buildFloat64, (row) => row / 7],
  ['int32', buildInt32, (row) => row - 2500],
  ['int64', buildInt64, (row) => (row - 2500) * 1e12],
  ['bool', buildBool, (row) => row % 2],
])('%s', (type, build, numberOf) => {
  const builder = build()
  for (const row of rows) isMissing(row) ? builder.pushNull() : builder.push(numberOf(row))
  const column = builder.finish() as Extract<Column, { type: 'float64' | 'int64' }>
  expect(column.type).toBe(type)
  expect(Array.from(column.values, Number)).toEqual(rows.map((row) => (isMissing(row) ? 0 : numberOf(row))))
  expectValidity(column)
})

test('utf8', () => {
  const builder = buildBytes('utf8')
  for (const row of rows) isMissing(row) ? builder.pushNull() : builder.push(`ü${row}`)
  const column = builder.finish() as Extract<Column, { offsets: Int32Array }>
  const text = (row: number): string =>
    Buffer.from(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!)).toString()
  expect(rows.map(text)).toEqual(rows.map((row) => (isMissing(row) ? '' : `ü${row}`)))
  expect(column.bytes).toHaveLength(column.offsets[ROWS]!)
  expectValidity(column)
})

test('dictionary', () => {
  const builder = buildDictionary()
  for (const row of rows) isMissing(row) ? builder.pushNull() : builder.push(`c${row % 700}`)
  const column = builder.finish() as Extract<Column, { type: 'dictionary' }>
  expect(column.dictionary).toEqual(rows.slice(0, 700).map((row) => `c${row}`))
  expect([...column.codes]).toEqual(rows.map((row) => (isMissing(row) ? 0 : row % 700)))
  expectValidity(column)
})

test.each(['byte', 'float32'] as const)('list of %s', (element) => {
  const builder = buildList(3, element)
  const valuesOf = (row: number): number[] => [row % 256, 1, (row * 7) % 256]
  for (const row of rows) {
    const start = builder.slot()
    const { values } = builder.store
    values.set(valuesOf(row), start)
    isMissing(row) ? builder.pushNull() : builder.push()
  }
  const column = builder.finish() as Extract<Column, { type: 'list' }>
  expect([...column.values]).toEqual(rows.flatMap((row) => (isMissing(row) ? [0, 0, 0] : valuesOf(row))))
  expectValidity(column)
})

test('no bitmap when nothing is missing', () => {
  const builder = buildInt32()
  for (const row of rows) builder.push(row)
  expect(builder.finish().valid).toBeNull()
})
