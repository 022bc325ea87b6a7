// Loss that a person accepts: offsets that the broker deleted before they were read become an explained hole in the chain; a log that is
// another one than the lake was filled from is gone on with behind the lake's offsets.
import { openChain } from '../../lake/chain.ts'
import { rangesInForce } from '../../lake/snapshots/ranges-in-force.ts'
import { commitSnapshot, headSnapshot } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import { failure } from '../../schemas/failures.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import { firstOffset, type SnapshotChange, type SnapshotRef, type SourceRef } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { LossAcceptance, OffsetRange } from '../../schemas/segment.ts'
import type { PartitionEnds } from '../../stream/broker.ts'
import { wentBack } from '../../stream/range.ts'
import { compareLog, type Departure, isRefilled } from './departed-log.ts'
import { passOver } from './pass-over.ts'
import type { RangeClients } from './range.ts'
import { requireSameCluster, sourceOf } from './source.ts'

export interface LossToAccept {
  readonly plan: Plan
  readonly range: OffsetRange
  readonly accepted: LossAcceptance
  /** the same in every attempt */
  readonly commitId: string
}

/**
 * Appends the loss to the chain: nothing else is written. Throws LOSS_NOT_FOUND unless the range starts where the chain goes on
 * and the broker has none of it any more, or is all that the lake has of a former log at offsets where there is another one now;
 * OFFSETS_WENT_BACK while that one ends before; CLUSTER_CHANGED, CHAIN_CONFLICT when another run wrote meanwhile.
 */
export async function acceptLoss(
  { store, broker }: Pick<RangeClients, 'store' | 'broker'>,
  { plan, range, accepted, commitId }: LossToAccept,
): Promise<SnapshotRef> {
  const found = sourceOf(plan, await broker.clusterId())
  const head = await headSnapshot({ store, source: found })
  const { topic } = plan.source
  const log = await broker.topicLog(topic)
  const ends = await broker.topicEnds(topic)
  requireSameCluster(found, head?.snapshot.source)
  const { departures } = await compareLog(broker, head, { topic, log })
  const departure = departures.find(({ partition }) => partition === range.partition)
  if (head !== null && departure !== undefined) {
    checkDeparted(range, { topic, departure, ends })
    return await passOver({ store, head, departure, log, accepted, commitId })
  }
  const covered = head?.coverage.find(({ partition }) => partition === range.partition)
  const next = covered?.end ?? (head ? firstOffset(head.log, range.partition) : undefined)
  const logStart = ends.find(({ partition }) => partition === range.partition)?.logStart
  const isCovered = covered !== undefined && covered.start <= range.start && range.end <= covered.end
  if (isCovered) await requireAccepted(store, found, range)
  else checkLost(range, { topic, next, logStart })
  const source = head?.snapshot.source ?? found
  const results = [{ range, segment: null, rejects: null, holes: [lostHole(range, accepted)] }]
  return (await commitSnapshot({ store, source, results, log, commitId })).snapshot
}

/** A repeated acceptance changes nothing; of offsets that the lake has rows of nothing is lost. */
async function requireAccepted(store: Store, { id }: Pick<SourceRef, 'id'>, range: OffsetRange): Promise<void> {
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(id) }).entries()
  const changes = links.map(({ entry }) => entry.change)
  const { topic, partition, start, end } = range
  const holes = rangesInForce(changes).flatMap((each) =>
    each.holes.filter(({ kind }) => kind === 'lost').map((hole) => ({ partition: each.range.partition, ...hole })),
  )
  const isAccepted = [...holes, ...changes.flatMap(({ passedOver = [] }) => passedOver)].some(
    (each) => each.partition === partition && each.start <= start && end <= each.end,
  )
  const found = 'nothing: the lake has these offsets'
  if (!isAccepted) throw failure('LOSS_NOT_FOUND', { topic, partition, start, end, found })
}

function lostHole({ start, end }: OffsetRange, accepted: LossAcceptance) {
  return { kind: 'lost', start, end, accepted } as const
}

/** All of it or nothing: the lake's offsets of that partition are of one log. */
function checkDeparted(
  range: OffsetRange,
  { topic, departure, ends }: { topic: string; departure: Departure; ends: readonly PartitionEnds[] },
): void {
  const { partition, start, end } = departure
  if (range.topic !== topic || range.start !== start || range.end !== end) {
    const found = `${topic}/${partition}/${start}-${end}`
    throw failure('LOSS_NOT_FOUND', { topic: range.topic, partition, start: range.start, end: range.end, found })
  }
  if (!isRefilled(departure, ends)) {
    const found = ends.find((one) => one.partition === partition)?.lastStableOffset
    throw wentBack(topic, partition, end, found ?? 'nothing, the partition is gone')
  }
}

/** What the log still holds is never skipped, and nothing before the loss either. */
function checkLost(
  range: OffsetRange,
  { topic, next, logStart }: { topic: string; next: number | undefined; logStart: number | undefined },
): void {
  const { partition, start, end } = range
  const isLost = next !== undefined && logStart !== undefined && next < logStart
  if (isLost && range.topic === topic && start === next && start < end && end <= logStart) return
  const found = isLost ? `${topic}/${partition}/${next}-${logStart}` : 'nothing'
  throw failure('LOSS_NOT_FOUND', { topic: range.topic, partition, start, end, found })
}
