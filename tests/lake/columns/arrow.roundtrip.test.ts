// Columns survive the file, and equal rows make equal bytes.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeColumns, encodeColumns } from '../../../lake/columns/arrow.ts'
import { canonicalColumn } from '../../../lake/columns/canonical.ts'
import type { Column, Columns } from '../../../schemas/columns.ts'
import { columns, rowsOf } from '../column-arbitraries.ts'

const canonical = ({ rows, byName }: Columns): Columns => ({
  rows,
  byName: Object.fromEntries(Object.entries(byName).map(([name, column]) => [name, canonicalColumn(column, rows)])),
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('decode after encode', () => {
  it('gives the canonical columns back, exactly', () => {
    fc.assert(
      fc.property(columns, (original) => {
        const decoded = decodeColumns(encodeColumns(original))
        expect(decoded).toStrictEqual(plainArrays(canonical(original)))
        expect(Object.keys(decoded.byName)).toEqual(Object.keys(original.byName))
      }),
      { numRuns: 500 },
    )
  })

  it('keeps every value and every hole', () => {
    fc.assert(
      fc.property(columns, (original) => {
        expect(rowsOf(decodeColumns(encodeColumns(original)))).toEqual(rowsOf(original))
      }),
    )
  })

  it('gives the same bytes when encoded again', () => {
    fc.assert(
      fc.property(columns, (original) => {
        const bytes = encodeColumns(original)
        expect(sha256(encodeColumns(decodeColumns(bytes)))).toBe(sha256(bytes))
      }),
    )
  })

  it('reads from any address', () => {
    fc.assert(
      fc.property(columns, fc.integer({ min: 1, max: 7 }), (original, shift) => {
        const bytes = encodeColumns(original)
        const moved = new Uint8Array(bytes.length + shift).subarray(shift)
        moved.set(bytes)
        expect(decodeColumns(moved)).toStrictEqual(decodeColumns(bytes))
      }),
    )
  })
})

describe('equal rows', () => {
  const one = Uint8Array.of(0b101)
  const pairs: [string, Column, Column][] = [
    [
      'values behind missing rows',
      { type: 'float64', values: Float64Array.of(1, 7, 3), valid: one },
      { type: 'float64', values: Float64Array.of(1, -0, 3), valid: one },
    ],
    [
      'an all-ones bitmap',
      { type: 'bool', values: Uint8Array.of(1, 0, 1), valid: Uint8Array.of(255) },
      { type: 'bool', values: Uint8Array.of(1, 0, 1), valid: null },
    ],
    [
      'bytes behind missing rows',
      { type: 'utf8', offsets: Int32Array.of(0, 1, 4, 5), bytes: Buffer.from('aXXXb'), valid: one },
      {
        type: 'utf8',
        offsets: Int32Array.of(2, 3, 3, 4),
        bytes: Buffer.from('..ab...'),
        valid: Uint8Array.of(0b11111101),
      },
    ],
    [
      'spare array space',
      { type: 'list', width: 2, values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), valid: null },
      { type: 'list', width: 2, values: Uint8Array.of(1, 2, 3, 4, 5, 6), valid: null },
    ],
  ]
  it.each(pairs)('make equal bytes despite %s', (_name, a, b) => {
    const bytes = (column: Column) => sha256(encodeColumns({ rows: 3, byName: { column } }))
    expect(bytes(a)).toBe(bytes(b))
  })

  it('make other bytes once a value differs', () => {
    const bytes = (x: number) =>
      sha256(encodeColumns({ rows: 1, byName: { x: { type: 'float64', values: Float64Array.of(x), valid: null } } }))
    expect(bytes(0)).not.toBe(bytes(-0))
  })
})

describe('decode', () => {
  it('copies no column but booleans', () => {
    const rows = 1_000
    const bytes = encodeColumns({
      rows,
      byName: {
        i: { type: 'int64', values: new BigInt64Array(rows), valid: null },
        l: { type: 'list', width: 3, values: new Float32Array(rows * 3), valid: null },
        s: { type: 'utf8', offsets: new Int32Array(rows + 1), bytes: new Uint8Array(), valid: new Uint8Array(125) },
      },
    })
    const { i, l, s } = decodeColumns(bytes).byName
    expect((i as { values: BigInt64Array }).values.buffer).toBe(bytes.buffer)
    expect((l as { values: Float32Array }).values.buffer).toBe(bytes.buffer)
    expect((s as { offsets: Int32Array }).offsets.buffer).toBe(bytes.buffer)
    expect(s!.valid!.buffer).toBe(bytes.buffer)
  })

  it('leaves the given arrays alone', () => {
    fc.assert(
      fc.property(columns, (original) => {
        const before = structuredClone(original)
        encodeColumns(original)
        expect(original).toEqual(before)
      }),
    )
  })
})

/** Views as arrays of their own: a comparison must not see the buffers behind them. */
function plainArrays(value: Columns): Columns {
  const copy = (column: Column): Column =>
    Object.fromEntries(
      Object.entries(column).map(([key, part]) => [
        key,
        ArrayBuffer.isView(part) ? (part as Uint8Array).slice() : part,
      ]),
    ) as unknown as Column
  return {
    rows: value.rows,
    byName: Object.fromEntries(Object.entries(value.byName).map(([name, column]) => [name, copy(column)])),
  }
}
