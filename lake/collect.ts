// Deletes objects that nothing reachable refers to: first all of them are found, then, when wanted, they are deleted. Chains are never touched.

import { collectableContent } from './collect-content.ts'
import { collectableFinals } from './collect-finals.ts'
import { collectableOfSource } from './collect-source.ts'
import { inParallel } from './in-parallel.ts'
import type { ListingStore, StoredObject } from './store.ts'

/**
 * orphan: of a commit that failed, its offsets have come another way since. replaced: compaction or a replay put others in its place.
 * ledger: what a batch of ranges became, copied into the chain by its commit. checkpoint: of a training that ended.
 * unreferenced: a part, dataset, model or evaluation that no ledger, stage record or young object leads to.
 */
export type GarbageKind = 'orphan' | 'replaced' | 'ledger' | 'checkpoint' | 'unreferenced'

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

export interface Collected {
  readonly kind: GarbageKind
  readonly objects: number
  readonly bytes: number
}

/** All that could be deleted now; reads and writes nothing else. */
export async function findGarbage(collect: Collect): Promise<Garbage[]> {
  const found = [
    ...(await collectableOfSource(collect)),
    ...(await collectableFinals(collect)),
    ...(await collectableContent(collect)),
  ]
  return found.sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Deletes them. A repeated call goes on where an earlier one ended: what is gone already is no error. */
export async function deleteGarbage(
  store: ListingStore,
  garbage: readonly Garbage[],
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await inParallel(garbage, async ({ key }) => {
    signal?.throwIfAborted()
    await store.delete(key)
  })
}

/** Counts by kind, largest first. */
export function sumGarbage(garbage: readonly Garbage[]): Collected[] {
  const sums = new Map<GarbageKind, { objects: number; bytes: number }>()
  for (const { kind, bytes } of garbage) {
    const sum = sums.get(kind) ?? { objects: 0, bytes: 0 }
    sums.set(kind, { objects: sum.objects + 1, bytes: sum.bytes + bytes })
  }
  return [...sums].map(([kind, sum]) => ({ kind, ...sum })).sort((a, b) => b.bytes - a.bytes)
}
