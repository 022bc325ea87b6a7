// The id table tells ids by their bytes, whatever the hash does and however far it grows.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type IdTable, idTable } from '../../clean/dedupe.ts'

/** By the obvious map. */
function numbers(ids: readonly string[]): number[] {
  const seen = new Map<string, number>()
  return ids.map((id) => seen.get(id) ?? seen.set(id, seen.size).size - 1)
}

function numbersIn(table: IdTable, ids: readonly string[]): number[] {
  return ids.map((id) => {
    const bytes = Buffer.from(`before${id}after`)
    return table.numberOf(bytes, 6, bytes.length - 5)
  })
}

const ids = fc.array(fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', 'ü', '\0') }), { maxLength: 200 })

test.each([
  ['murmur3', undefined],
  ['a constant hash', () => 7],
  ['a hash of two values', (_: Uint8Array, start: number, end: number) => (end - start) & 1],
] as const)('agrees with a map under %s', (_, hash) => {
  fc.assert(
    fc.property(ids, (drawn) => {
      const table = idTable(hash)
      expect(numbersIn(table, drawn)).toEqual(numbers(drawn))
      expect(table.size()).toBe(new Set(drawn).size)
    }),
  )
})

test('numbers many ids', () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `event-${(i * 7919) % 30_000}`)
  expect(numbersIn(idTable(), many)).toEqual(numbers(many))
})
