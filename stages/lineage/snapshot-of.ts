// Which snapshot a dataset was made from: the newest one with the same offsets and content, since files of older ones may be merged away.
import { isDeepStrictEqual } from 'node:util'
import { openChain } from '../../lake/chain.ts'
import { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Lineage } from '../../schemas/dataset.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange, SnapshotRef } from '../../schemas/manifest.ts'
import { dataDigest } from '../clean/make-dataset.ts'

export interface SnapshotFiles {
  readonly snapshot: SnapshotRef
  readonly change: SnapshotChange
  readonly files: Awaited<ReturnType<typeof snapshotSegments>>
}

/** `data`: the input of the clean stage; undefined: not known, any content will do. null: the chain has no such snapshot. */
export async function snapshotOf(
  store: Store,
  { source, coverage }: Lineage,
  data: string | undefined,
): Promise<SnapshotFiles | null> {
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(source.id) }).entries()
  for (const { ref, entry } of links.toReversed()) {
    const { change } = entry
    if (!isDeepStrictEqual(change.coverage, coverage)) continue
    const snapshot = { ...ref, source: change.source, rows: change.rows, rejects: change.rejects }
    const files = await snapshotSegments({ store, snapshot })
    if (data === undefined || dataDigest(files, snapshot) === data) return { snapshot, change, files }
  }
  return null
}
