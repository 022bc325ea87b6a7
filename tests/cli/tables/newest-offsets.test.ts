// Which offsets of a topic are its sample: the newest, no more than asked, shared by the partitions.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newestOffsets } from '../../../cli/tables/newest-offsets.ts'

const partitions = fc
  .array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 1, maxLength: 6 })
  .map((all) => all.map(([logStart, held], partition) => ({ partition, logStart, lastStableOffset: logStart + held })))

test('as many as asked where there are so many, and the newest', () => {
  fc.assert(
    fc.property(partitions, fc.integer({ min: 1, max: 400 }), (ends, wanted) => {
      const ranges = newestOffsets(ends, wanted)
      const held = ends.reduce((sum, { logStart, lastStableOffset }) => sum + lastStableOffset - logStart, 0)
      expect(ranges.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(Math.min(wanted, held))
      for (const { partition, start, end } of ranges) {
        expect(end).toBe(ends[partition]!.lastStableOffset)
        expect(start).toBeGreaterThanOrEqual(ends[partition]!.logStart)
      }
    }),
  )
})
