// Which chain of snapshots a pipeline reads: two pipelines with the same source settings and columns share one.
import { digestOf } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { SourceRef } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'

/**
 * The cluster is checked against the chain and is no part of its name: a topic that moved to another cluster
 * must stop the run (CLUSTER_CHANGED), not silently begin an empty lake.
 */
export function sourceOf(plan: Pick<Plan, 'source' | 'columns'>, clusterId: string): SourceRef {
  const { topic } = plan.source
  const columns = digestOf(plan.columns)
  return { id: `${topic}-${shortDigest(digestOf({ source: plan.source, columns }))}`, clusterId, topic, columns }
}

/** Throws CLUSTER_CHANGED when the chain was filled from another cluster. */
export function requireSameCluster(source: SourceRef, filledFrom: SourceRef | undefined): void {
  if (filledFrom === undefined || filledFrom.clusterId === source.clusterId) return
  throw failure('CLUSTER_CHANGED', {
    topic: source.topic,
    expected: filledFrom.clusterId,
    found: source.clusterId,
  })
}
