// Batches joined, and rows put in order, are what one decoder would have made.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeColumns, encodeColumns } from '../../../lake/columns/arrow.ts'
import { concatColumns } from '../../../lake/columns/concat-columns.ts'
import { orderByOffset } from '../../../lake/columns/order-by-offset.ts'
import { type Column, type Columns, isValid, type Validity } from '../../../schemas/columns.ts'
import { columns } from '../column-arbitraries.ts'

/** Rows [start, end) the obvious way, row by row. */
function sliced({ byName }: Columns, start: number, end: number): Columns {
  const pieces = Object.entries(byName).map(([name, column]): [string, Column] => [
    name,
    slicedColumn(column, start, end),
  ])
  return { rows: end - start, byName: Object.fromEntries(pieces) }
}

function slicedColumn(column: Column, start: number, end: number): Column {
  const valid = slicedBits(column.valid, start, end)
  switch (column.type) {
    case 'utf8':
    case 'binary':
      return { ...column, offsets: column.offsets.slice(start, end + 1), valid }
    case 'dictionary':
      return { ...column, codes: column.codes.slice(start, end), valid }
    case 'list':
      return { ...column, values: column.values.slice(start * column.width, end * column.width), valid }
    default:
      return { ...column, values: column.values.slice(start, end), valid } as Column
  }
}

function slicedBits(valid: Validity, start: number, end: number): Validity {
  if (valid === null) return null
  const bits = new Uint8Array((end - start + 7) >> 3)
  for (let row = start; row < end; row++) if (isValid(valid, row)) bits[(row - start) >> 3]! |= 1 << ((row - start) & 7)
  return bits
}

test('batches of any cut join to the same bytes', () => {
  const cuts = fc.array(fc.nat(40), { maxLength: 4 })
  fc.assert(
    fc.property(columns, cuts, (whole, at) => {
      const ends = [...at.map((cut) => Math.min(cut, whole.rows)), whole.rows].sort((a, b) => a - b)
      const batches = ends.map((end, i) => sliced(whole, ends[i - 1] ?? 0, end))
      const joined = encodeColumns(concatColumns(batches))
      expect(Buffer.compare(joined, encodeColumns(concatColumns([whole])))).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('rows in order are the rows of a sort', () => {
  const offsets = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(offsets, fc.infiniteStream(fc.constantFrom('a', 'b', null)), (unsorted, words) => {
      const cells = unsorted.map((offset) => ({ offset, word: words.next().value as string | null }))
      const sorted = cells.toSorted((a, b) => a.offset - b.offset)
      const found = encodeColumns(orderByOffset(built(cells)))
      expect(Buffer.compare(found, encodeColumns(built(sorted)))).toBe(0)
      expect(decodeColumns(found).rows).toBe(cells.length)
    }),
  )
})

/** As a decoder builds them: the dictionary in order of first appearance. */
function built(cells: readonly { offset: number; word: string | null }[]): Columns {
  const dictionary = [...new Set(cells.flatMap(({ word }) => word ?? []))]
  const valid = new Uint8Array((cells.length + 7) >> 3)
  for (const [row, { word }] of cells.entries()) if (word !== null) valid[row >> 3]! |= 1 << (row & 7)
  const bytes = cells.map(({ word }) => Buffer.from(word ?? ''))
  const ends = new Int32Array(cells.length + 1)
  for (const [row, { length }] of bytes.entries()) ends[row + 1] = ends[row]! + length
  const codes = Int32Array.from(cells, ({ word }) => (word === null ? 0 : dictionary.indexOf(word)))
  const lists = Uint8Array.from(cells.flatMap(({ offset }) => [offset & 255, offset >> 8]))
  return {
    rows: cells.length,
    byName: {
      _offset: { type: 'int64', values: BigInt64Array.from(cells, ({ offset }) => BigInt(offset)), valid: null },
      word: { type: 'dictionary', codes, dictionary, valid },
      text: { type: 'utf8', offsets: ends, bytes: Buffer.concat(bytes), valid },
      pair: { type: 'list', width: 2, values: lists, valid: null },
      x: { type: 'float64', values: Float64Array.from(cells, ({ offset }) => offset / 3), valid: null },
      flag: { type: 'bool', values: Uint8Array.from(cells, ({ offset }) => offset & 1), valid: null },
    },
  }
}
