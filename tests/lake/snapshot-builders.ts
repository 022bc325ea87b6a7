// Sources and range results for tests of snapshots.
import type { SourceRef } from '../../schemas/manifest.ts'
import type { Hole, OffsetRange, RangeResult } from '../../schemas/segment.ts'

export const TOPIC = 'events'

export const SOURCE: SourceRef = { id: 'events-1', clusterId: 'cluster', topic: TOPIC, columns: 'c'.repeat(64) }

export const range = (partition: number, start: number, end: number): OffsetRange => ({
  topic: TOPIC,
  partition,
  start,
  end,
})

/** A range of which `rejects` did not decode, `holes` are explained, and the rest are rows. */
export function result(
  at: OffsetRange,
  { rejects = 0, holes = [] }: { rejects?: number; holes?: readonly Hole[] } = {},
): RangeResult {
  const held = holes.reduce((sum, { start, end }) => sum + end - start, 0)
  const rows = at.end - at.start - held - rejects
  const file = (kind: string, count: number) =>
    count === 0
      ? null
      : {
          key: `${kind}/${at.partition}/${at.start}-${at.end}`,
          sha256: '0'.repeat(64),
          bytes: 1,
          range: at,
          rows: count,
        }
  return { range: at, segment: file('segments', rows), rejects: file('rejects', rejects), holes }
}
