// Planning: any cut of what is new covers it exactly, and loss is never planned around.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PartitionEnds } from '../../stream/broker.ts'
import { planRanges } from '../../stream/range.ts'

const offset = fc.integer({ min: 0, max: 50_000 })
const partitions = fc.uniqueArray(
  fc.record({
    partition: fc.nat(20),
    logStart: offset,
    unread: fc.nat(5000),
    read: fc.nat(1000),
    isKnown: fc.boolean(),
  }),
  { selector: ({ partition }) => partition, maxLength: 6 },
)

describe('planRanges', () => {
  test('covers what is new, gapless and disjoint', () => {
    fc.assert(
      fc.property(partitions, fc.integer({ min: 1, max: 700 }), (state, maxRows) => {
        const coverage = state
          .filter(({ isKnown }) => isKnown)
          .map(({ partition, logStart, read }) => ({ partition, start: 0, end: logStart + read }))
        const ends = state.map(({ partition, logStart, read, unread }) => ({
          partition,
          logStart,
          lastStableOffset: logStart + read + unread,
        }))
        const ranges = planRanges({ topic: 't', coverage, firstOffset: null, ends, maxRows })
        for (const { partition, logStart, lastStableOffset } of ends) {
          let next = coverage.find((cover) => cover.partition === partition)?.end ?? logStart
          for (const range of ranges.filter((r) => r.partition === partition)) {
            expect(range.start).toBe(next)
            expect(range.end - range.start).toBeGreaterThan(0)
            expect(range.end - range.start).toBeLessThanOrEqual(maxRows)
            next = range.end
          }
          expect(next).toBe(lastStableOffset)
        }
        expect(ranges).toEqual(ranges.toSorted((a, b) => a.partition - b.partition || a.start - b.start))
      }),
    )
  })

  test('the same state gives the same plan', () => {
    const plan = () =>
      planRanges({
        topic: 't',
        coverage: [{ partition: 1, start: 0, end: 10 }],
        firstOffset: () => 3,
        ends: [
          { partition: 1, logStart: 0, lastStableOffset: 35 },
          { partition: 0, logStart: 3, lastStableOffset: 5 },
        ],
        maxRows: 10,
      })
    expect(plan()).toEqual(plan())
    expect(plan().map(({ partition, start, end }) => [partition, start, end])).toEqual([
      [0, 3, 5],
      [1, 10, 20],
      [1, 20, 30],
      [1, 30, 35],
    ])
  })

  test.each([14, 11])('a log that starts at %i is a loss', (logStart) => {
    const coverage = [{ partition: 0, start: 0, end: 10 }]
    const ends = [{ partition: 0, logStart, lastStableOffset: 20 }]
    const lost = expect.objectContaining({ lost: logStart - 10 })
    expect(() => planRanges({ topic: 't', coverage, firstOffset: null, ends, maxRows: 10 })).toThrow(
      expect.objectContaining({ code: 'OFFSETS_LOST', facts: lost }),
    )
  })

  test('what was lost before a partition is first read is named with the rest', () => {
    const plan = (ends: readonly PartitionEnds[]) =>
      planRanges({
        topic: 't',
        coverage: [{ partition: 0, start: 0, end: 10 }],
        firstOffset: (partition) => [0, 7, 7][partition] ?? 0,
        ends,
        maxRows: 100,
      })
    const [p0, p1, p2, p3] = [0, 1, 2, 3].map((partition) => ({ partition, logStart: 7, lastStableOffset: 20 }))
    expect(plan([p0!, p1!, { ...p2!, logStart: 0 }]).map(({ start }) => start)).toEqual([10, 7, 0])
    expect(() => plan([{ ...p0!, logStart: 12 }, { ...p1!, logStart: 8 }, p2!, p3!])).toThrow(
      expect.objectContaining({
        code: 'OFFSETS_LOST',
        facts: expect.objectContaining({ partition: 0, lost: 2, losses: 't/0/10-12 t/1/7-8 t/3/0-7' }),
      }),
    )
  })

  test.each([
    ['ends earlier', [{ partition: 0, logStart: 0, lastStableOffset: 9 }]],
    ['lacks the partition', [{ partition: 1, logStart: 0, lastStableOffset: 9 }]],
  ])('a log that %s went back', (_, ends) => {
    const plan = () =>
      planRanges({ topic: 't', coverage: [{ partition: 0, start: 0, end: 10 }], firstOffset: null, ends, maxRows: 10 })
    expect(plan).toThrow(expect.objectContaining({ code: 'OFFSETS_WENT_BACK' }))
  })

  test('nothing new gives no range', () => {
    const ends = [{ partition: 0, logStart: 4, lastStableOffset: 10 }]
    expect(
      planRanges({ topic: 't', coverage: [{ partition: 0, start: 0, end: 10 }], firstOffset: null, ends, maxRows: 10 }),
    ).toEqual([])
    expect(
      planRanges({
        topic: 't',
        coverage: [],
        firstOffset: null,
        ends: [{ partition: 0, logStart: 4, lastStableOffset: 4 }],
        maxRows: 1,
      }),
    ).toEqual([])
  })
})
