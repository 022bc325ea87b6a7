// Small ranges are merged in passing: after a commit, when many wait, and never so that the run suffers.
import { compactSource } from '../lake/compact.ts'
import { isFailure } from '../schemas/failures.ts'
import type { SourceRef } from '../schemas/manifest.ts'
import type { Deps } from './deps.ts'

const MIB = 1024 * 1024
/** Small is less than half of it: what a large ingest writes is left alone. */
const TARGET_BYTES = 16 * MIB
/** 256 MiB at most: the rest waits for the next commit. */
const MAX_GROUPS = 16

/** Merges ranges of the source where `limits.compactRanges` or more neighbours are small; a no-op otherwise. */
export async function compactAfterCommit(
  { store, codec, limits }: Pick<Deps, 'store' | 'codec' | 'limits'>,
  { id: sourceId }: Pick<SourceRef, 'id'>,
): Promise<void> {
  const { compactRanges = 0 } = limits
  if (compactRanges === 0) return
  const minRanges = Math.max(2, compactRanges)
  try {
    await compactSource({ store, sourceId, codec, targetBytes: TARGET_BYTES, minRanges, maxGroups: MAX_GROUPS })
  } catch (error) {
    // somebody else compacts or replays at this moment, which is as good
    if (!isFailure(error, 'CHAIN_CONFLICT')) throw error
  }
}
