// Compressed bodies: exact, smaller, and stored where they would not be.
import { expect, test } from 'vitest'
import { decodeColumns, encodeColumns } from '../../../lake/columns/arrow.ts'
import type { Columns } from '../../../schemas/columns.ts'
import { sample } from '../sample-columns.ts'

test.each(['zstd', 'lz4'] as const)('bodies of %s come back exactly and smaller', (codec) => {
  const plain = encodeColumns(sample())
  const packed = encodeColumns(sample(), codec)
  expect(packed.length).toBeLessThan(plain.length * 0.8)
  expect(Buffer.compare(encodeColumns(decodeColumns(packed)), plain)).toBe(0)
  expect(Buffer.compare(encodeColumns(sample(), codec), packed)).toBe(0)
})

test('bytes that do not shrink are stored', () => {
  const noise = Float64Array.from({ length: 64 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453)
  const one: Columns = { rows: 64, byName: { x: { type: 'float64', values: noise, valid: null } } }
  expect(decodeColumns(encodeColumns(one, 'lz4')).byName).toEqual(one.byName)
})
