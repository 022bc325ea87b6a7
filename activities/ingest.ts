// Ingest: from the newest snapshot to the end of the topic, range by range.
import { cancellationSignal, heartbeat } from '@temporalio/activity'
import { commitSnapshot, headSnapshot } from '../lake/snapshots/snapshots.ts'
import { putJson, readJson } from '../lake/store/objects.ts'
import type { SnapshotRef, SourceRef, TopicLog } from '../schemas/manifest.ts'
import type { Plan } from '../schemas/plan.ts'
import type { ObjectRef, OffsetRange, RangeResult } from '../schemas/segment.ts'
import { acceptLoss, type LossToAccept } from '../stages/ingest/accept-loss.ts'
import { compactAfterCommit } from '../stages/ingest/compact-after-commit.ts'
import { compareLog, requireSameLog, requireSameLogStill } from '../stages/ingest/departed-log.ts'
import { requireSameKey, withPersonalKey } from '../stages/ingest/personal.ts'
import { publishOffsets } from '../stages/ingest/publish-offsets.ts'
import { requireSameCluster, sourceOf } from '../stages/ingest/source.ts'
import { planRanges } from '../stream/range.ts'
import { beating } from './beating.ts'
import type { Deps } from './deps.ts'

/** Ranges per round: bounds what a history holds. */
const MAX_RANGES = 1_000

export interface IngestPlan {
  readonly source: SourceRef
  /** newest snapshot; null before the first */
  readonly head: SnapshotRef | null
  /** the topic's log, as it was before its ends were looked up */
  readonly log?: TopicLog
  readonly ranges: readonly OffsetRange[]
  /** more than one round's ranges wait */
  readonly more: boolean
}

export interface IngestCommit {
  readonly source: SourceRef
  readonly batches: readonly IngestedBatch[]
  readonly commitId: string
  /** of the plan; absent: runs that began before it was asked for */
  readonly log?: TopicLog
  /** whose consumer group tells monitoring how far the lake is; absent: none */
  readonly pipeline?: string
}

/** The snapshot, and false where its offsets could not be published. */
export type Committed = SnapshotRef & { readonly offsetsPublished?: false }

/** What a batch of ranges became; the ledger of every offset lies in the store. */
export interface IngestedBatch {
  /** RangeResult[] as JSON */
  readonly results: ObjectRef
  readonly rows: number
  readonly rejects: number
}

type Needed = 'store' | 'broker' | 'limits' | 'ingestRange' | 'personalKey' | 'codec'

export function createIngestActivities(deps: Pick<Deps, Needed>) {
  const { store, broker, limits, ingestRange, codec } = deps
  const waitingRanges = async (plan: Plan, maxRows: number) => {
    const { topic } = plan.source
    const source = withPersonalKey(sourceOf(plan, await broker.clusterId()), plan, deps.personalKey)
    // one after the other: the log's end is looked up after the coverage, or another run's commit in between would make it
    // look as if offsets went back
    const head = await headSnapshot({ store, source })
    const log = await broker.topicLog(topic)
    const ends = await broker.topicEnds(topic)
    requireSameCluster(source, head?.snapshot.source)
    requireSameKey(source, head?.snapshot.source)
    requireSameLog(await compareLog(broker, head, { topic, log }), head, { topic, log, ends })
    return { source, head, log, ranges: planRanges({ topic, coverage: head?.coverage ?? [], ends, maxRows }) }
  }
  return {
    async planIngest({ plan }: { plan: Plan }): Promise<IngestPlan> {
      const { source, head, log, ranges } = await waitingRanges(plan, limits.maxRangeRows)
      return {
        source,
        log,
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
      let reading: OffsetRange | undefined
      const hooks = { signal: cancellationSignal(), onPiece: ({ range }: RangeResult) => heartbeat(placeIn(range)) }
      await beating(
        async () => {
          for (const range of input.ranges) {
            reading = range
            results.push(...(await ingestRange({ plan: input.plan, sourceId: input.source.id, range }, hooks)))
          }
        },
        () => reading && placeIn(reading),
      )
      return await describe(results)
    },

    async commitIngest({ source, batches, commitId, log, pipeline }: IngestCommit): Promise<Committed> {
      return await beating(async () => {
        const results: RangeResult[] = []
        for (const batch of batches) results.push(...(await readJson<RangeResult[]>(store, batch.results)))
        if (log !== undefined) await requireSameLogStill(broker, { source, log, results })
        const { snapshot } = await commitSnapshot({ store, source, results, log, commitId })
        await compactAfterCommit(store, { source, codec, compactRanges: limits.compactRanges })
        const published = pipeline === undefined || (await publishOffsets(broker, { pipeline, source, results }))
        return published ? snapshot : { ...snapshot, offsetsPublished: false }
      })
    },

    /** See stages/ingest/accept-loss.ts for what it throws. */
    async acceptLoss(loss: LossToAccept): Promise<SnapshotRef> {
      return await acceptLoss({ store, broker }, loss)
    },
  }

  async function describe(results: RangeResult[]): Promise<IngestedBatch> {
    return {
      results: await putJson(store, { kind: 'ranges', value: results }),
      rows: results.reduce((total, { segment }) => total + (segment?.rows ?? 0), 0),
      rejects: results.reduce((total, { rejects }) => total + (rejects?.rows ?? 0), 0),
    }
  }
}

/** What a heartbeat says. */
function placeIn({ partition, start, end }: OffsetRange): Record<string, number> {
  return { partition, start, end }
}
