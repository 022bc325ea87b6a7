// Which ranges are merged, and that merging again ends.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planCompaction } from '../../../lake/snapshots/compact-plan.ts'
import { rangesInForce } from '../../../lake/snapshots/ranges-in-force.ts'
import type { RangeResult } from '../../../schemas/segment.ts'
import { range, result, SOURCE } from '../snapshot-builders.ts'

const sized = (partition: number, start: number, bytes: number): RangeResult => {
  const one = result(range(partition, start, start + 1))
  return { ...one, segment: { ...one.segment!, bytes } }
}
const startsOf = (groups: readonly RangeResult[][]) =>
  groups.map((group) => group.map((one) => `${one.range.partition}/${one.range.start}`))

test('small neighbours of one partition form groups', () => {
  const ranges = [sized(0, 0, 10), sized(0, 1, 10), sized(0, 2, 60), sized(0, 3, 10), sized(1, 0, 10), sized(1, 1, 10)]
  expect(startsOf(planCompaction(ranges, { targetBytes: 100, minRanges: 2 }))).toEqual([
    ['0/0', '0/1'],
    ['1/0', '1/1'],
  ])
})

test('a group stays below the target', () => {
  const ranges = [0, 1, 2, 3, 4].map((start) => sized(0, start, 40))
  expect(startsOf(planCompaction(ranges, { targetBytes: 100, minRanges: 2 }))).toEqual([
    ['0/0', '0/1'],
    ['0/2', '0/3'],
  ])
})

test('a short tail waits for more', () => {
  const ranges = [sized(0, 0, 10), sized(0, 1, 10)]
  expect(planCompaction(ranges, { targetBytes: 100, minRanges: 3 })).toEqual([])
})

test('ranges that do not meet are not merged', () => {
  expect(planCompaction([sized(0, 0, 1), sized(0, 2, 1)], { targetBytes: 100, minRanges: 2 })).toEqual([])
})

test('merging repeatedly ends and loses no offset', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 2, max: 6 }), (bytes, minRanges) => {
      let ranges = bytes.map((size, start) => sized(0, start, size))
      for (let round = 0; round < 60; round++) {
        const groups = planCompaction(ranges, { targetBytes: 100, minRanges })
        if (groups.length === 0) break
        const merged = groups.map((group) => mergedOf(group))
        const change = { source: SOURCE, coverage: [], rows: 0, rejects: 0 }
        ranges = rangesInForce([
          { kind: 'append', ranges, ...change },
          { kind: 'compacted', ranges: merged, ...change },
        ])
        expect(round).toBeLessThan(59)
      }
      expect(ranges[0]!.range.start).toBe(0)
      expect(ranges.at(-1)!.range.end).toBe(bytes.length)
      for (const [i, one] of ranges.slice(1).entries()) expect(one.range.start).toBe(ranges[i]!.range.end)
    }),
  )
})

function mergedOf(group: readonly RangeResult[]): RangeResult {
  const bytes = group.reduce((total, one) => total + one.segment!.bytes, 0)
  const all = { ...group[0]!.range, end: group.at(-1)!.range.end }
  return { ...group[0]!, range: all, segment: { ...group[0]!.segment!, range: all, bytes, rows: all.end - all.start } }
}

test('a replacement that does not tile is refused', () => {
  const change = { source: SOURCE, coverage: [], rows: 0, rejects: 0 }
  const before = { kind: 'append', ranges: [result(range(0, 0, 5)), result(range(0, 5, 9))], ...change } as const
  const fold = (start: number, end: number) =>
    rangesInForce([before, { kind: 'compacted', ranges: [result(range(0, start, end))], ...change }])
  expect(fold(0, 9)).toEqual([result(range(0, 0, 9))])
  expect(() => fold(0, 7)).toThrow('tile')
  expect(() => fold(2, 9)).toThrow('tile')
})
