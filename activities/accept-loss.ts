// Loss that a person accepts: offsets that the broker deleted before they were read become an explained hole in the chain.
import { commitSnapshot, headSnapshot } from '../lake/snapshots.ts'
import { failure } from '../schemas/failures.ts'
import type { Coverage, SnapshotRef } from '../schemas/manifest.ts'
import type { Plan } from '../schemas/plan.ts'
import type { LossAcceptance, OffsetRange } from '../schemas/segment.ts'
import type { Deps } from './deps.ts'
import { requireSameCluster, sourceOf } from './source.ts'

export interface LossToAccept {
  readonly plan: Plan
  readonly range: OffsetRange
  readonly accepted: LossAcceptance
  /** the same in every attempt */
  readonly commitId: string
}

export function createAcceptLossActivities({ store, broker }: Pick<Deps, 'store' | 'broker'>) {
  return {
    /**
     * Appends the loss to the chain: nothing else is written. Throws LOSS_NOT_FOUND unless the range starts where the chain's coverage
     * ends and the broker has none of it any more; CLUSTER_CHANGED, CHAIN_CONFLICT when another run wrote meanwhile.
     */
    async acceptLoss({ plan, range, accepted, commitId }: LossToAccept): Promise<SnapshotRef> {
      const found = sourceOf(plan, await broker.clusterId())
      const head = await headSnapshot({ store, source: found })
      const ends = await broker.topicEnds(plan.source.topic)
      requireSameCluster(found, head?.snapshot.source)
      const covered = head?.coverage.find(({ partition }) => partition === range.partition)
      const logStart = ends.find(({ partition }) => partition === range.partition)?.logStart
      const isRepeat = covered !== undefined && covered.start <= range.start && range.end <= covered.end
      if (!isRepeat) checkLost(range, { topic: plan.source.topic, covered, logStart })
      const source = head?.snapshot.source ?? found
      const results = [{ range, segment: null, rejects: null, holes: [lostHole(range, accepted)] }]
      return (await commitSnapshot({ store, source, results, commitId })).snapshot
    },
  }
}

function lostHole({ start, end }: OffsetRange, accepted: LossAcceptance) {
  return { kind: 'lost', start, end, accepted } as const
}

/** What the log still holds is never skipped, and nothing before the loss either. */
function checkLost(
  range: OffsetRange,
  { topic, covered, logStart }: { topic: string; covered: Coverage | undefined; logStart: number | undefined },
): void {
  const { partition, start, end } = range
  const isLost = covered !== undefined && logStart !== undefined && covered.end < logStart
  if (isLost && range.topic === topic && start === covered.end && start < end && end <= logStart) return
  const found = isLost ? `${topic}/${partition}/${covered.end}-${logStart}` : 'nothing'
  throw failure('LOSS_NOT_FOUND', { topic: range.topic, partition, start, end, found })
}
