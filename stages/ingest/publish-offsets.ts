// How far the lake is, as a consumer group's offsets: lag monitors show it, nothing of sluice reads it.
import { lagGroup } from '../../schemas/ids.ts'
import type { SourceRef } from '../../schemas/manifest.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import type { Broker } from '../../stream/broker.ts'

/** False when it failed: monitoring shows an old offset until the next commit, and no row is worse for it. */
export async function publishOffsets(
  broker: Pick<Broker, 'publishOffsets'>,
  committed: { readonly pipeline: string; readonly source: SourceRef; readonly results: readonly RangeResult[] },
): Promise<boolean> {
  const { pipeline, source, results } = committed
  const next = new Map<number, number>()
  for (const { range } of results) next.set(range.partition, Math.max(next.get(range.partition) ?? 0, range.end))
  const offsets = Array.from(next, ([partition, offset]) => ({ partition, offset }))
  try {
    await broker.publishOffsets(lagGroup(pipeline), source.topic, offsets)
    return true
  } catch {
    return false
  }
}
