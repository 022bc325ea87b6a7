// Small ranges are merged in passing: after a commit, when many wait, and never so that the run suffers.
import { openChain } from '../../lake/chain.ts'
import type { BodyCodec } from '../../lake/columns/codec.ts'
import { compactRanges } from '../../lake/snapshots/compact.ts'
import { rangesBehind } from '../../lake/snapshots/ranges-behind.ts'
import { isWorthMerging, TAIL_TARGET_BYTES } from '../../lake/snapshots/small-tail.ts'
import type { Store } from '../../lake/store/store.ts'
import { isFailure } from '../../schemas/failures.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange, SourceRef } from '../../schemas/manifest.ts'

/** 256 MiB at most: the rest waits for the next commit. */
const MAX_GROUPS = 16
/** Of a partition that is due; others are merged along from half of it, since the walk through the chain is shared. */
const ALONG = 2

export interface CompactAfterCommit {
  readonly source: Pick<SourceRef, 'id'>
  /** of the merged segments; default: none */
  readonly codec?: BodyCodec | undefined
  /** so many small neighbouring ranges are merged; 0 or absent: never */
  readonly compactRanges?: number | undefined
}

/**
 * Merges ranges of the source where `compactRanges` or more neighbours at the end of a partition are small; a no-op otherwise.
 * The newest entry says how many there are. Only when they are due the chain is read, back to the first of them.
 */
export async function compactAfterCommit(
  store: Store,
  { source, codec, compactRanges: wanted = 0 }: CompactAfterCommit,
): Promise<void> {
  if (wanted === 0) return
  const sourceId = source.id
  const minRanges = Math.max(2, wanted)
  const place = { store, chain: snapshotChain(sourceId) }
  const head = await openChain<SnapshotChange>(place).head()
  const small = head?.entry.change.small ?? []
  if (head === null || !small.some((tail) => isWorthMerging(tail, minRanges))) return

  const least = Math.max(2, Math.ceil(minRanges / ALONG))
  const due = small.filter((tail) => isWorthMerging(tail, least))
  const floors = new Map(due.map(({ partition, start }) => [partition, start]))
  const ranges = [...(await rangesBehind(place, { head, floors })).values()].flat()
  try {
    const limit = { targetBytes: TAIL_TARGET_BYTES, minRanges: least, maxGroups: MAX_GROUPS }
    await compactRanges({ store, sourceId, codec, ...limit }, ranges)
  } catch (error) {
    // somebody else compacts or replays at this moment, which is as good
    if (!isFailure(error, 'CHAIN_CONFLICT')) throw error
  }
}
