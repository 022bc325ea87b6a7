// Deletes objects that nothing reachable refers to: first all of them are found, then, when wanted, they are deleted. Chains are never touched.

import { inParallel } from '../store/in-parallel.ts'
import type { ListingStore } from '../store/store.ts'
import { collectableContent } from './collect-content.ts'
import { collectableFinals } from './collect-finals.ts'
import { collectableOfSource } from './collect-source.ts'
import type { Collect, Garbage, GarbageKind } from './garbage.ts'

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
