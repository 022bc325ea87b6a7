// How ranges are batched for activities and joined for people. Pure.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OffsetRange } from '../../schemas/segment.ts'
import { batchesOf, joined } from '../../workflows/catch-up.ts'

const manyRanges = fc
  .array(fc.record({ partition: fc.integer({ min: 0, max: 3 }), length: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 1_000,
  })
  .map((cuts) => {
    const ends = new Map<number, number>()
    return cuts.map(({ partition, length }): OffsetRange => {
      const start = ends.get(partition) ?? 0
      ends.set(partition, start + length)
      return { topic: 't', partition, start, end: start + length }
    })
  })

test('batches hold every range once, in order', () => {
  fc.assert(
    fc.property(manyRanges, (ranges) => {
      const batches = batchesOf(ranges)
      expect(batches.flat()).toEqual(ranges)
      expect(batches.length).toBeLessThanOrEqual(64)
      expect(batches.every((batch) => batch.length > 0)).toBe(true)
    }),
  )
})

test('few ranges are one activity each', () => {
  const ranges = Array.from({ length: 64 }, (_, i) => ({ topic: 't', partition: 0, start: i, end: i + 1 }))
  expect(batchesOf(ranges)).toHaveLength(64)
})

test('joined ranges cover the same offsets, whatever their order', () => {
  const shuffled = manyRanges.chain((ranges) => fc.shuffledSubarray(ranges, { minLength: ranges.length }))
  fc.assert(
    fc.property(shuffled, (ranges) => {
      const result = joined(ranges)
      const offsets = (all: readonly { start: number; end: number }[]) =>
        all.reduce((sum, { start, end }) => sum + end - start, 0)
      expect(offsets(result)).toBe(offsets(ranges))
      expect(result.length).toBe(new Set(ranges.map(({ partition }) => partition)).size)
    }),
  )
})
