// Ingest: from the newest snapshot to the end of the topic, range by range.
import { cancellationSignal, heartbeat } from '@temporalio/activity'
import { putJson, readJson } from '../lake/objects.ts'
import { writeRejects, writeSegment } from '../lake/segment.ts'
import { commitSnapshot, headSnapshot } from '../lake/snapshots.ts'
import { failure } from '../schemas/failures.ts'
import type { SnapshotRef, SourceRef } from '../schemas/manifest.ts'
import type { Plan } from '../schemas/plan.ts'
import type { ObjectRef, OffsetRange, RangeResult } from '../schemas/segment.ts'
import { type DecodedRange, readColumnsOfRange } from '../stream/ingest.ts'
import { planRanges } from '../stream/range.ts'
import { beating } from './beating.ts'
import type { Deps } from './deps.ts'
import { sourceOf } from './source.ts'

/** Ranges per round: bounds what a history holds. */
const MAX_RANGES = 1_000

export interface IngestPlan {
  readonly source: SourceRef
  /** newest snapshot; null before the first */
  readonly head: SnapshotRef | null
  readonly ranges: readonly OffsetRange[]
  /** more than one round's ranges wait */
  readonly more: boolean
}

/** What a batch of ranges became; the ledger of every offset lies in the store. */
export interface IngestedBatch {
  /** RangeResult[] as JSON */
  readonly results: ObjectRef
  readonly rows: number
  readonly rejects: number
}

export function createIngestActivities({ store, broker, limits }: Pick<Deps, 'store' | 'broker' | 'limits'>) {
  const waitingRanges = async (plan: Plan, maxRows: number) => {
    const { topic } = plan.source
    const source = sourceOf(plan, await broker.clusterId())
    const [head, ends] = await Promise.all([headSnapshot({ store, source }), broker.topicEnds(topic)])
    requireSameCluster(source, head?.snapshot.source)
    return { source, head, ranges: planRanges({ topic, coverage: head?.coverage ?? [], ends, maxRows }) }
  }
  return {
    async planIngest({ plan }: { plan: Plan }): Promise<IngestPlan> {
      const { source, head, ranges } = await waitingRanges(plan, limits.maxRangeRows)
      return {
        source,
        head: head?.snapshot ?? null,
        ranges: ranges.slice(0, MAX_RANGES),
        more: ranges.length > MAX_RANGES,
      }
    },

    /** Offsets beyond the newest snapshot. */
    async countNewRows({ plan }: { plan: Plan }): Promise<number> {
      const { ranges } = await waitingRanges(plan, Number.MAX_SAFE_INTEGER)
      return ranges.reduce((total, { start, end }) => total + end - start, 0)
    },

    async ingestRanges(input: { plan: Plan; source: SourceRef; ranges: OffsetRange[] }): Promise<IngestedBatch> {
      const results: RangeResult[] = []
      for (const range of input.ranges) {
        const { columns } = input.plan
        const signal = cancellationSignal()
        const pieces = readColumnsOfRange({ broker, range, columns, maxBytes: limits.maxRangeBytes, signal })
        for await (const piece of pieces) {
          results.push(await writePiece(input.source.id, piece))
          heartbeat({ partition: piece.range.partition, end: piece.range.end })
        }
      }
      return await describe(results)
    },

    async commitIngest(input: {
      source: SourceRef
      batches: readonly IngestedBatch[]
      commitId: string
    }): Promise<SnapshotRef> {
      const { source, batches, commitId } = input
      return await beating(async () => {
        const results: RangeResult[] = []
        for (const batch of batches) results.push(...(await readJson<RangeResult[]>(store, batch.results)))
        return (await commitSnapshot({ store, source, results, commitId })).snapshot
      })
    },
  }

  async function writePiece(sourceId: string, { range, columns, rejects, holes }: DecodedRange): Promise<RangeResult> {
    return {
      range,
      segment: columns === null ? null : await writeSegment(store, { sourceId, range, columns }),
      rejects: rejects.length === 0 ? null : await writeRejects(store, { sourceId, range, rejects }),
      holes,
    }
  }

  async function describe(results: RangeResult[]): Promise<IngestedBatch> {
    return {
      results: await putJson(store, { kind: 'ranges', value: results }),
      rows: results.reduce((total, { segment }) => total + (segment?.rows ?? 0), 0),
      rejects: results.reduce((total, { rejects }) => total + (rejects?.rows ?? 0), 0),
    }
  }
}

function requireSameCluster(source: SourceRef, filledFrom: SourceRef | undefined): void {
  if (filledFrom === undefined || filledFrom.clusterId === source.clusterId) return
  throw failure('CLUSTER_CHANGED', {
    topic: source.topic,
    expected: filledFrom.clusterId,
    found: source.clusterId,
  })
}
