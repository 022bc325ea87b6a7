// Kernels agree with the obvious loop over single values.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkRows } from '../../clean/kernels.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { CheckSpec } from '../../schemas/plan.ts'
import { batchOf, type Cell } from './rows.ts'

const kinds = {
  number: {
    spec: { name: 'x', kind: 'number' },
    cell: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ noNaN: true })),
  },
  time: { spec: { name: 'x', kind: 'time' }, cell: fc.integer({ min: -4, max: 4 }) },
  category: { spec: { name: 'x', kind: 'category' }, cell: fc.constantFrom('a', 'b', 'ü', '') },
  text: { spec: { name: 'x', kind: 'text', maxBytes: 9 }, cell: fc.constantFrom('a', 'b', 'ü', '', '\uFEFFa') },
} as const satisfies Record<string, { spec: ColumnSpec; cell: fc.Arbitrary<Cell> }>

const checks: readonly (readonly [keyof typeof kinds, CheckSpec, (cell: never) => boolean])[] = [
  ['number', { check: 'between', column: 'x', low: -1, high: 2 }, (x: number) => x >= -1 && x <= 2],
  ['time', { check: 'between', column: 'x', low: -1, high: 2 }, (x: number) => x >= -1 && x <= 2],
  ['category', { check: 'oneOf', column: 'x', values: ['a', ''] }, (x: string) => x === 'a' || x === ''],
  ['text', { check: 'oneOf', column: 'x', values: ['a', ''] }, (x: string) => x === 'a' || x === ''],
  ['category', { check: 'longer', column: 'x', bytes: 1 }, (x: string) => Buffer.byteLength(x) > 1],
  ['text', { check: 'longer', column: 'x', bytes: 1 }, (x: string) => Buffer.byteLength(x) > 1],
  ['number', { check: 'present', column: 'x' }, () => true],
  ['text', { check: 'present', column: 'x' }, () => true],
]

test.each(checks)('%s: %o', (kind, check, good) => {
  const { spec, cell } = kinds[kind]
  const cells = fc.array(fc.option(cell as fc.Arbitrary<Cell>, { nil: null }), { maxLength: 70 })
  fc.assert(
    fc.property(cells, fc.double({ min: 0, max: 0.99, noNaN: true }), (drawn, noise) => {
      const rows = drawn.map((x, offset) => ({ cells: { x }, partition: 0, offset, key: null }))
      const batch = batchOf([spec], rows, () => noise)
      const expected = drawn.map((x) => (x !== null && good(x as never) ? 0 : 1))
      const { failed, count } = checkRows(check, batch)
      expect([...failed]).toEqual(expected)
      expect(count).toBe(expected.filter((mark) => mark === 1).length)
    }),
  )
})
