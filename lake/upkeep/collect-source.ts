// Files of a source that nothing needs any more: replaced long ago, or never committed and now impossible to commit.
import { chainKey, snapshotChain } from '../../schemas/ids.ts'
import type { Coverage, SnapshotChange } from '../../schemas/manifest.ts'
import { type Link, openChain } from '../chain.ts'
import { rangesInForce } from '../snapshots/ranges-in-force.ts'
import type { ListingStore, StoredObject } from '../store/store.ts'
import type { Collect, Garbage } from './garbage.ts'

/**
 * Unreachable segments and rejects older than `beforeMs`. A file is reachable when a range holds it that is in force now or was at any moment
 * since `beforeMs`. One that no entry names counts only when the coverage has passed its offsets: a later commit could name it otherwise,
 * because a repeated write of the same rows leaves the old object as it is.
 */
export async function collectableOfSource({ store, sourceId, beforeMs }: Collect): Promise<Garbage[]> {
  const chain = snapshotChain(sourceId)
  const links = await openChain<SnapshotChange>({ store, chain }).entries()
  const newest = links.at(-1)
  if (newest === undefined) return []
  const reachable = reachableFiles(links, await settledVersions(store, { chain, beforeMs }))
  const named = new Set(filesOf(links.map(({ entry }) => entry.change)))
  const garbage: Garbage[] = []
  for (const folder of ['segments', 'rejects']) {
    for await (const object of store.objects(`${folder}/${sourceId}/`)) {
      if (object.modifiedMs >= beforeMs || reachable.has(object.key)) continue
      if (named.has(object.key)) garbage.push({ ...object, kind: 'replaced' })
      else if (isPassed(object, newest.entry.change.coverage)) garbage.push({ ...object, kind: 'orphan' })
    }
  }
  return garbage
}

/** How many entries are older than `beforeMs`: what they replaced, nobody reads any more. */
async function settledVersions(
  store: ListingStore,
  { chain, beforeMs }: { readonly chain: string; readonly beforeMs: number },
): Promise<number> {
  let version = 0
  for await (const { key, modifiedMs } of store.objects(`${chain}/`)) {
    if (key !== chainKey(chain, version + 1) || modifiedMs >= beforeMs) break
    version++
  }
  return version
}

/** In force after the last settled entry, or named by any entry since. */
function reachableFiles(links: readonly Link<SnapshotChange>[], settled: number): Set<string> {
  const changes = links.map(({ entry }) => entry.change)
  const ranges = [
    ...rangesInForce(changes.slice(0, settled)),
    ...changes.slice(settled).flatMap(({ ranges }) => ranges),
  ]
  return new Set(filesOf([{ ranges }]))
}

function filesOf(changes: readonly Pick<SnapshotChange, 'ranges'>[]): string[] {
  return changes.flatMap(({ ranges }) =>
    ranges.flatMap(({ segment, rejects }) => [segment, rejects].flatMap((file) => file?.key ?? [])),
  )
}

/** `…/<partition>/<start>-<end>-<sha256>.arrow`; a key of another form is not ours to delete. */
function isPassed({ key }: StoredObject, coverage: readonly Coverage[]): boolean {
  const [, partition, start, end] = /\/(\d+)\/(\d{20})-(\d{20})-[0-9a-f]{64}\.arrow$/.exec(key) ?? []
  const covered = coverage.find((each) => each.partition === Number(partition))
  return covered !== undefined && covered.start <= Number(start) && Number(end) <= covered.end
}
