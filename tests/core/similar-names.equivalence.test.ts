// Names that look alike: the same as by the whole table of distances, in a fraction of its time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { similarTo } from '../../core/similar-names.ts'
import { compileRequest } from '../../ml/features/request.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'

/** Levenshtein's distance by its definition. */
function distance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i + j))
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const replaced = table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      table[i]![j] = Math.min(replaced, table[i - 1]![j]! + 1, table[i]![j - 1]! + 1)
    }
  return table[a.length]![b.length]!
}
const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', '_', '9'), minLength: 1, maxLength: 24 }),
  fc.constantFrom('radiusMean', 'radius_mean', 'RADIUSMEAN', 'radiusMaen', 'radiusMea', 'radius', 'radiusMeanWorst'),
)

test('a name looks like what is few edits away', () => {
  let alike = 0
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), name, (known, given) => {
      const expected = known.filter((each) => {
        const edits = Math.floor(plain(each).length / 4)
        return plain(given) === plain(each) || distance(plain(given), plain(each)) <= edits
      })
      const found = similarTo(known)(given)
      alike += found.length
      // a name that is far longer than all known ones is not looked at
      expect(found).toEqual(given.length > 4 * Math.max(...known.map(({ length }) => length)) ? [] : expected)
    }),
    { numRuns: 2_000 },
  )
  expect(alike).toBeGreaterThan(100)
})

test('a thousand unknown names meet two thousand columns', () => {
  const columns: ColumnSpec[] = Array.from({ length: 2_000 }, (_, i) => ({
    name: `measurement_of_${i}`,
    kind: 'number',
  }))
  const transform: Transform = {
    kind: 'transform',
    width: 2_000,
    features: columns.map(({ name: column }) => ({ column, encode: 'indicator', width: 1 })),
  }
  const rules = compileRequest(columns, transform)
  const unknown = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`quantity-${i}-seen`, i]))
  const start = process.cpuUsage()
  const read = rules.open()
  for (let row = 0; row < 50; row++) read({ measurement_of_7: 1, ...unknown })
  expect(process.cpuUsage(start).user).toBeLessThan(5_000_000) // µs; each name is judged once in a request
})
