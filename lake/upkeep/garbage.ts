// What a collection looks for: the kinds of objects that nothing refers to, and when one is old enough.
import type { ListingStore, StoredObject } from '../store/store.ts'

/**
 * orphan: of a commit that failed, its offsets have come another way since. replaced: compaction or a replay put others in its place.
 * ledger: what a batch of ranges became, copied into the chain by its commit. checkpoint: of a training that ended.
 * tail: what was kept of the newest, unfinished windows of a dataset, which have grown since.
 * unreferenced: a part, dataset, model or evaluation that no ledger, stage record or young object leads to.
 */
export type GarbageKind = 'orphan' | 'replaced' | 'ledger' | 'checkpoint' | 'tail' | 'unreferenced'

export interface Garbage extends StoredObject {
  readonly kind: GarbageKind
}

export interface Collect {
  readonly store: ListingStore
  readonly sourceId: string
  readonly pipeline: string
  /**
   * Milliseconds since the epoch. Younger objects stay, and so does what entries since then stood for: a run that began before may still
   * read it. No run may be older.
   */
  readonly beforeMs: number
}
