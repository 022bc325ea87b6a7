// A topic that holds as many ranges as a test wants: activities without broker and store that keep count of every range.
import type { Activities } from '../../activities/index.ts'
import type { OffsetRange } from '../../schemas/segment.ts'
import { anObject, aSnapshot, aSource } from './builders.ts'

/** As planIngest's own bound. */
const RANGES_PER_ROUND = 1_000

export interface Backlog {
  readonly activities: Pick<Activities, 'planIngest' | 'ingestRanges' | 'commitIngest'>
  /** how often each range was read, by its offset */
  readonly reads: readonly number[]
  /** how often each range was committed */
  readonly commits: readonly number[]
}

export interface BacklogOptions {
  /** one offset each, spread over the partitions */
  readonly ranges: number
  readonly partitions: number
  /** called for every batch before it is read */
  readonly onBatch?: (ranges: readonly OffsetRange[]) => Promise<void>
}

export function openBacklog({ ranges: count, partitions, onBatch }: BacklogOptions): Backlog {
  const perPartition = Math.ceil(count / partitions)
  const all = Array.from({ length: count }, (_, i): OffsetRange => {
    const start = i % perPartition
    return { topic: 'demo', partition: Math.floor(i / perPartition), start, end: start + 1 }
  })
  const indexOf = ({ partition, start }: OffsetRange): number => partition * perPartition + start
  const reads = all.map(() => 0)
  const commits = all.map(() => 0)
  const batches = new Map<string, readonly OffsetRange[]>()
  let version = 0
  return {
    reads,
    commits,
    activities: {
      async planIngest() {
        const waiting = all.filter((range) => commits[indexOf(range)] === 0)
        const head = version === 0 ? null : aSnapshot(version)
        const more = waiting.length > RANGES_PER_ROUND
        return { source: aSource, head, ranges: waiting.slice(0, RANGES_PER_ROUND), more }
      },
      async ingestRanges({ ranges }) {
        await onBatch?.(ranges)
        for (const range of ranges) reads[indexOf(range)]!++
        const results = anObject(JSON.stringify(ranges))
        batches.set(results.key, ranges)
        return { results, rows: ranges.length, rejects: 0 }
      },
      async commitIngest({ batches: done }) {
        for (const { results } of done) for (const range of batches.get(results.key) ?? []) commits[indexOf(range)]!++
        return aSnapshot(++version)
      },
    },
  }
}
