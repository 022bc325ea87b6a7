// What waits at the broker: the ranges behind the newest snapshot, when the log is still the one that the lake was filled from.
import { type HeadSnapshot, headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { firstOffset, type SourceRef, type TopicLog } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { OffsetRange } from '../../schemas/segment.ts'
import type { PartitionEnds } from '../../stream/broker.ts'
import { planRanges } from '../../stream/range.ts'
import { compareLog, requireSameLog } from './departed-log.ts'
import { requireSameKey, withPersonalKey } from './personal.ts'
import type { RangeClients } from './range.ts'
import { requireSameCluster, sourceOf } from './source.ts'

export interface Waiting {
  readonly source: SourceRef
  /** newest snapshot; null before the first */
  readonly head: HeadSnapshot | null
  /** the topic's log, as it was before its ends were looked up */
  readonly log: TopicLog
  readonly ranges: readonly OffsetRange[]
}

/** `maxRows`: offsets per range. Throws what comparing with the snapshot finds: CLUSTER_CHANGED, TOPIC_RECREATED, OFFSETS_LOST, … */
export async function waitingRanges(
  { store, broker, personalKey }: Pick<RangeClients, 'store' | 'broker' | 'personalKey'>,
  { plan, maxRows }: { readonly plan: Plan; readonly maxRows: number },
): Promise<Waiting> {
  const { topic } = plan.source
  const source = withPersonalKey(sourceOf(plan, await broker.clusterId()), plan, personalKey)
  // one after the other: the log's end is looked up after the coverage, or another run's commit in between would make it
  // look as if offsets went back
  const head = await headSnapshot({ store, source })
  const log = await broker.topicLog(topic)
  const ends = await broker.topicEnds(topic)
  requireSameCluster(source, head?.snapshot.source)
  requireSameKey(source, head?.snapshot.source)
  requireSameLog(await compareLog(broker, head, { topic, log }), head, { topic, log, ends })
  const ranges = planRanges({
    topic,
    coverage: head?.coverage ?? [],
    firstOffset: head && ((partition) => firstOffset(head.log, partition)),
    ends,
    maxRows,
  })
  return { source, head, log: head === null ? { ...log, began: beginnings(ends) } : log, ranges }
}

function beginnings(ends: readonly PartitionEnds[]): number[] {
  const began = Array<number>(1 + Math.max(-1, ...ends.map(({ partition }) => partition))).fill(0)
  for (const { partition, logStart } of ends) began[partition] = logStart
  return began
}
