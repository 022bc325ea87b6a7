// The same rows cut into any batches give the same parts, transform and accounting, bit for bit.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CleanedPart } from '../../clean/cleaner.ts'
import { windowReader } from '../../clean/window-rows.ts'
import { windowsOf } from '../../clean/windows.ts'
import { seededRandom } from '../../core/random.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import { cleanBatches } from './clean-batches.ts'
import { arrivalsArbitrary, rowsArbitrary } from './row-arbitraries.ts'
import { batchOf, COLUMNS, cellsOf, type Row } from './rows.ts'

interface Cut {
  readonly offsets: number
  readonly noise?: () => number
  readonly arrivals?: readonly Arrival[]
  readonly slices?: number
}

function cleanIn(rows: readonly Row[][], { noise = () => 0, ...cut }: Cut) {
  const batches = rows.map((batch) => batchOf(COLUMNS, batch, noise))
  const { parts, transform, accounting } = cleanBatches({ batches, ...cut, decodeRejects: 3 })
  return { transform, accounting, parts: byTarget(parts) }
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
      ([rows, arrivals], shares, offsets, seed) => {
        const whole = cleanIn([rows], { offsets, arrivals })
        const pieces = cleanIn(cut(rows, shares), { offsets, arrivals, noise: seededRandom(seed), slices: 4 })
        expect(pieces).toStrictEqual(whole)
      },
    ),
    { numRuns: 300 },
  )
})

test('the size of windows does not show in the rows', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 20 }), (rows, offsets) => {
      const [small, large] = [cleanIn([rows], { offsets }), cleanIn([rows], { offsets: 1 << 16 })]
      const rowsOf = ({ parts }: typeof small) => parts.map((of) => of.flatMap((part) => cellsOf(part)))
      expect(rowsOf(small)).toEqual(rowsOf(large))
      expect(small.accounting).toEqual(large.accounting)
    }),
  )
})

test('a part holds the rows of one window', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 20 }), (rows, offsets) => {
      for (const part of cleanIn([rows], { offsets }).parts.flat()) {
        const windows = cellsOf(part).map(
          ({ _partition, _offset }) => `${_partition}/${Math.floor(Number(_offset) / offsets)}`,
        )
        expect(new Set(windows).size).toBe(1)
      }
    }),
  )
})

test('windows that have hardly begun share parts, and these hold no more than a whole window', () => {
  const partitions = fc.uniqueArray(
    fc.record({ partition: fc.nat(99), start: fc.nat(40), length: fc.integer({ min: 1, max: 90 }) }),
    { selector: ({ partition }) => partition, minLength: 1, maxLength: 60 },
  )
  fc.assert(
    fc.property(partitions, (found) => {
      const coverage = found.map(({ partition, start, length }) => ({ partition, start, end: start + length }))
      const windows = windowsOf(coverage, { arrivals: [], offsets: 64 })
      let together = 0
      for (const { start, end, isWhole, isSmall, isJoined } of windows) {
        together += end - start
        expect(together).toBeLessThanOrEqual(64)
        if (isSmall || isJoined) expect([isWhole, isSmall, end - start < 4]).toEqual([false, true, true])
        if (!isJoined) together = 0
      }
      expect(windows.at(-1)!.isJoined).toBe(false)
    }),
  )
  const rows = Array.from({ length: 300 }, (_, i) => ({
    cells: {
      ...{ id: `e${i}`, day: i, plan: 'team', note: 'long enough', left: i % 2, active: i % 2 },
      ...{ spend: i % 40, share: (i % 7) / 7, tickets: i % 5, country: `c${i % 3}`, pixels: [i % 256, 1, 2] },
    },
    partition: i >> 1,
    offset: i % 2,
    key: null,
  }))
  const { parts, accounting } = cleanIn([rows], { offsets: 65_536 })
  expect(accounting.clean).toBe(300)
  expect(parts.flat()).toHaveLength(3)
})

test('dictionaries hold what their part holds, in order', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 9 }), (rows, offsets) => {
      const { parts } = cleanIn(cut(rows, [0.3, 0.6]), { offsets, noise: seededRandom(1) })
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
  const read = windowReader([
    { partition: 1, start: 0, end: 9, version: 1, isWhole: false, isSmall: false, isJoined: false },
  ])
  const row = { cells: { id: 'a', plan: 'team' }, partition: 1, offset: 5, key: null }
  expect(read(batchOf(COLUMNS, [row]))).toEqual([{ window: 0, from: 0, to: 1 }])
  expect(() => read(batchOf(COLUMNS, [{ ...row, offset: 5 }]))).toThrow(/order/)
})
