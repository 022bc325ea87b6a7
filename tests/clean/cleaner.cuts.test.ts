// The same rows cut into any batches give the same parts, transform and accounting, bit for bit.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CleanedPart, createCleaner } from '../../clean/cleaner.ts'
import { seededRandom } from '../../core/random.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import { cleanBatches } from './clean-batches.ts'
import { arrivalsArbitrary, rowsArbitrary } from './row-arbitraries.ts'
import { batchOf, COLUMNS, cellsOf, PLAN, type Row } from './rows.ts'

function cleanIn(
  rows: readonly Row[][],
  { partRows, noise = () => 0, arrivals }: { partRows: number; noise?: () => number; arrivals?: readonly Arrival[] },
) {
  const batches = rows.map((batch) => batchOf(COLUMNS, batch, noise))
  const cleaned = cleanBatches({ batches, partRows, ...(arrivals && { arrivals }), decodeRejects: 3 })
  return { ...cleaned, parts: byTarget(cleaned.parts) }
}

/** Parts of one target come in order; between targets the order is free. */
function byTarget(parts: readonly CleanedPart[]) {
  const targets = ['train', 'validate', 'test', 'quarantine'] as const
  return targets.map((target) => parts.filter((part) => part.target === target).map((part) => part.columns))
}

function cut(rows: readonly Row[], cuts: readonly number[]): Row[][] {
  const edges = [0, ...cuts.map((share) => Math.floor(share * (rows.length + 1))).sort((a, b) => a - b), rows.length]
  return edges.slice(1).map((end, i) => rows.slice(edges[i], end))
}

test('batches do not show in the result', () => {
  const cuts = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 12 })
  fc.assert(
    fc.property(
      fc.tuple(rowsArbitrary, arrivalsArbitrary),
      cuts,
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      ([rows, arrivals], shares, partRows, seed) => {
        const whole = cleanIn([rows], { partRows, arrivals })
        const pieces = cleanIn(cut(rows, shares), { partRows, arrivals, noise: seededRandom(seed) })
        expect(pieces).toStrictEqual(whole)
      },
    ),
    { numRuns: 300 },
  )
})

test('every part but the last is full', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 20 }), (rows, partRows) => {
      const { parts, accounting } = cleanIn([rows], { partRows })
      for (const of of parts) expect(of.slice(0, -1).every((part) => part.rows === partRows)).toBe(true)
      const train = parts[0]!.reduce((total, part) => total + part.rows, 0)
      expect(train).toBe(accounting.split.train)
    }),
  )
})

test('dictionaries hold what their part holds, in order', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 9 }), (rows, partRows) => {
      const { parts } = cleanIn(cut(rows, [0.3, 0.6]), { partRows, noise: seededRandom(1) })
      for (const part of parts.flat()) {
        const column = part.byName.country!
        const values = cellsOf(part).map(({ country }) => country)
        expect(column.type === 'dictionary' && column.dictionary).toEqual([
          ...new Set(values.filter((x) => x !== null)),
        ])
      }
    }),
  )
})

test('refuses batches out of order', () => {
  const cleaner = createCleaner(PLAN)
  const row = { cells: { id: 'a', plan: 'team' }, partition: 1, offset: 5, key: null }
  cleaner.add(batchOf(COLUMNS, [row]))
  expect(() => cleaner.add(batchOf(COLUMNS, [{ ...row, offset: 5 }]))).toThrow(/order/)
})
