// The id table finds repeats by bytes, whatever the hash does and however far it grows.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idTable } from '../../clean/dedupe.ts'
import type { Column } from '../../schemas/columns.ts'

function idsColumn(ids: readonly string[]): Column {
  const offsets = new Int32Array(ids.length + 1)
  for (const [i, id] of ids.entries()) offsets[i + 1] = offsets[i]! + Buffer.byteLength(id)
  return { type: 'utf8', offsets, bytes: new Uint8Array(Buffer.from(ids.join(''))), valid: null }
}

function repeats(ids: readonly string[]): number[] {
  const seen = new Set<string>()
  return ids.map((id) => (seen.size === seen.add(id).size ? 9 : 0))
}

const ids = fc.array(fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', 'ü', '\0') }), { maxLength: 60 })

test.each([
  ['murmur3', undefined],
  ['a constant hash', () => 7],
  ['a hash of two values', (_: Uint8Array, start: number, end: number) => (end - start) & 1],
] as const)('agrees with a set under %s', (_, hash) => {
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 4 }), (batches) => {
      const table = idTable(hash)
      const found = batches.flatMap((batch) => {
        const marks = new Uint8Array(batch.length)
        table.markRepeats(idsColumn(batch), marks, 9)
        return [...marks]
      })
      expect(found).toEqual(repeats(batches.flat()))
      expect(table.size()).toBe(new Set(batches.flat()).size)
    }),
  )
})

test('finds every repeat among many ids', () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `event-${(i * 7919) % 30_000}`)
  const marks = new Uint8Array(many.length)
  const count = idTable().markRepeats(idsColumn(many), marks, 9)
  expect(count).toBe(20_000)
  expect([...marks]).toEqual(repeats(many))
})

test('marked rows are neither compared nor remembered', () => {
  const marks = Uint8Array.of(1, 0, 0)
  idTable().markRepeats(idsColumn(['a', 'a', 'a']), marks, 9)
  expect([...marks]).toEqual([1, 0, 9])
})
