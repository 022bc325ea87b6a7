// Which ranges of a chain count: entries that compact or replay put new ranges in the place of earlier ones.
import assert from 'node:assert/strict'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { RangeResult } from '../../schemas/segment.ts'

/** A range of `compacted` or `replayed` stands for all earlier ranges within it. */
const REPLACES: ReadonlySet<SnapshotChange['kind']> = new Set(['compacted', 'replayed'])

export const replacesEarlier = (kind: SnapshotChange['kind']): boolean => REPLACES.has(kind)

/**
 * The fold of a source's chain: every covered offset in exactly one range, ordered by partition, then start.
 * `changes` are those of versions 1, 2, … without a gap. Fails by assertion when a range stands for offsets that no earlier ranges tile exactly.
 */
export function rangesInForce(changes: readonly SnapshotChange[]): RangeResult[] {
  const byPartition = new Map<number, RangeResult[]>()
  for (const { kind, ranges } of changes) {
    for (const result of ranges) {
      const { partition } = result.range
      const before = byPartition.get(partition) ?? []
      byPartition.set(partition, before)
      if (replacesEarlier(kind)) replace(before, result)
      else before.push(result)
    }
  }
  const partitions = [...byPartition].sort(([a], [b]) => a - b)
  return partitions.flatMap(([, results]) => results.sort((a, b) => a.range.start - b.range.start))
}

/** The sha256 of the files as ingest or a replay wrote them, in offset order: compaction changes none of it. */
export function contentOf(
  files: readonly { readonly sha256: string; readonly merged?: readonly string[] }[],
): string[] {
  return files.flatMap(({ sha256, merged }) => merged ?? [sha256])
}

function replace(results: RangeResult[], by: RangeResult): void {
  const { start, end, partition } = by.range
  const first = results.findIndex(({ range }) => range.start === start)
  let next = first
  let at = start
  while (next !== -1 && at < end && results[next]?.range.start === at) at = results[next++]!.range.end
  assert(at === end, `partition ${partition}: ranges before tile [${start},${end})`)
  results.splice(first, next - first, by)
}
