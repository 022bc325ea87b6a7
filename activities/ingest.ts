// Ingest: from the newest snapshot to the end of the topic, range by range.
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity'
import { wholePlan } from '../lake/plans.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { SnapshotRef, SourceRef, TopicLog } from '../schemas/manifest.ts'
import type { OffsetRange } from '../schemas/segment.ts'
import { acceptLoss, type LossToAccept } from '../stages/ingest/accept-loss.ts'
import { type Committed, commitRanges, type IngestCommit, type IngestedBatch } from '../stages/ingest/commit-ranges.ts'
import { type BatchPlace, readRanges } from '../stages/ingest/read-ranges.ts'
import { waitingRanges } from '../stages/ingest/waiting-ranges.ts'
import { beating } from './beating.ts'
import type { Deps } from './deps.ts'

export type { Committed, IngestCommit, IngestedBatch } from '../stages/ingest/commit-ranges.ts'

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

/** Input of an activity: the plan as it travels. */
type Carried<Input> = Omit<Input, 'plan'> & { readonly plan: CarriedPlan }

export interface RangesInput {
  readonly plan: CarriedPlan
  readonly source: SourceRef
  readonly ranges: readonly OffsetRange[]
}

type Needed = 'store' | 'broker' | 'limits' | 'ingestRange' | 'personalKey' | 'codec'

export function createIngestActivities(deps: Pick<Deps, Needed>) {
  const { store, broker, limits, ingestRange } = deps
  return {
    async planIngest(input: { plan: CarriedPlan }): Promise<IngestPlan> {
      const plan = await wholePlan(store, input.plan)
      const { source, head, log, ranges } = await waitingRanges(deps, { plan, maxRows: limits.maxRangeRows })
      return {
        source,
        log,
        head: head?.snapshot ?? null,
        ranges: ranges.slice(0, MAX_RANGES),
        more: ranges.length > MAX_RANGES,
      }
    },

    /** Offsets beyond the newest snapshot. */
    async countNewRows(input: { plan: CarriedPlan }): Promise<number> {
      const plan = await wholePlan(store, input.plan)
      const { ranges } = await waitingRanges(deps, { plan, maxRows: Number.MAX_SAFE_INTEGER })
      return ranges.reduce((total, { start, end }) => total + end - start, 0)
    },

    async ingestRanges(input: RangesInput): Promise<IngestedBatch> {
      const { source, ranges } = input
      const plan = await wholePlan(store, input.plan)
      const before = activityInfo().heartbeatDetails as BatchPlace | undefined
      let place = before
      const onPlace = (now: BatchPlace): void => {
        place = now
      }
      const onPiece = (now: BatchPlace): void => {
        place = now
        heartbeat(now)
      }
      const hooks = { signal: cancellationSignal(), onPlace, onPiece }
      return await beating(
        () => readRanges({ store, ingestRange }, { plan, sourceId: source.id, ranges, before }, hooks),
        () => place,
      )
    },

    async commitIngest(commit: IngestCommit): Promise<Committed> {
      return await commitRanges(deps, commit)
    },

    /** See stages/ingest/accept-loss.ts for what it throws. */
    async acceptLoss(loss: Carried<LossToAccept>): Promise<SnapshotRef> {
      return await acceptLoss({ store, broker }, { ...loss, plan: await wholePlan(store, loss.plan) })
    },
  }
}
