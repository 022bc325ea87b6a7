// A source re-read: every entry of its chain, every file, every count, and coverage that is tiled exactly once.

import { canonicalBytes } from '../../core/digest.ts'
import { chainKey, snapshotChain } from '../../schemas/ids.ts'
import { offsetsBefore, type SnapshotChange } from '../../schemas/manifest.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { type Link, openChain } from '../chain.ts'
import { rangesInForce } from '../snapshots/ranges-in-force.ts'
import { inParallel } from '../store/in-parallel.ts'
import type { Store } from '../store/store.ts'
import { mismatch, type ObjectVerifier, VERIFY_LANES } from './verify-objects.ts'
import { verifyRange } from './verify-range.ts'

export interface VerifiedSource {
  readonly source: string
  /** entries of the chain */
  readonly versions: number
  /** offsets covered, in all partitions */
  readonly offsets: number
  readonly rows: number
  readonly rejects: number
  /** offsets that the topic had lost when its first ingest began: never read, in no hole */
  readonly beforeFirst: number
  /** offsets in holes, by kind */
  readonly holes: Readonly<Record<string, number>>
  readonly partitions: number
}

/** Re-reads the chain of `sourceId` with everything that it refers to. Problems go to the verifier; a broken chain ends it. */
export async function verifySource(
  store: Store,
  { verifier, sourceId }: { readonly verifier: ObjectVerifier; readonly sourceId: string },
): Promise<VerifiedSource> {
  const chain = snapshotChain(sourceId)
  const links = await readChain<SnapshotChange>(store, { verifier, chain })
  const ranges = links.flatMap(({ entry, ref }) =>
    entry.change.ranges.map((result) => ({ result, key: chainKey(ref.chain, ref.version) })),
  )
  const inForce = tiles(links, { verifier, chain })
  const needed = new Set(inForce)
  await inParallel(
    ranges,
    ({ result, key }) =>
      verifyRange(verifier, result, { referredBy: key, mayBeGone: inForce.length > 0 && !needed.has(result) }),
    VERIFY_LANES,
  )
  for (const [i, { entry }] of links.entries())
    checkTotals(verifier, { chain, change: entry.change, upTo: links.slice(0, i + 1) })
  const { coverage = [], rows = 0, rejects = 0 } = links.at(-1)?.entry.change ?? {}
  return {
    source: sourceId,
    versions: links.length,
    rows,
    rejects,
    partitions: coverage.length,
    offsets: coverage.reduce((total, { start, end }) => total + end - start, 0),
    beforeFirst: offsetsBefore(coverage),
    holes: countHoles(inForce),
  }
}

/** All entries, parents checked by the chain itself; none and a problem where the chain is broken. */
export async function readChain<Change>(
  store: Store,
  { verifier, chain }: { readonly verifier: ObjectVerifier; readonly chain: string },
): Promise<readonly Link<Change>[]> {
  try {
    const links = await openChain<Change>({ store, chain }).entries()
    for (const { entry } of links) verifier.count(canonicalBytes(entry).byteLength)
    return links
  } catch (error) {
    const { first, second } = (error as { facts?: { first?: string; second?: string } }).facts ?? {}
    verifier.report({ key: second ?? chain, referredBy: first ?? chain }, error)
    return []
  }
}

/** The ranges in force; a problem where they do not tile the coverage of the newest entry. */
function tiles(
  links: readonly Link<SnapshotChange>[],
  { verifier, chain }: { verifier: ObjectVerifier; chain: string },
): RangeResult[] {
  const newest = links.at(-1)
  if (newest === undefined) return []
  const key = chainKey(chain, newest.ref.version)
  const wrong = (what: string, expected: string, found: string): void =>
    verifier.report({ key, referredBy: key }, mismatch({ what, expected, found }))
  let inForce: RangeResult[]
  try {
    inForce = rangesInForce(links.map(({ entry }) => entry.change))
  } catch (error) {
    verifier.report({ key, referredBy: key }, error)
    return []
  }
  const next = new Map(newest.entry.change.coverage.map(({ partition, start }) => [partition, start]))
  for (const { range } of inForce) {
    const expected = next.get(range.partition)
    if (range.start !== expected)
      wrong(`partition ${range.partition}`, `a range from ${expected}`, `one from ${range.start}`)
    next.set(range.partition, range.end)
  }
  for (const { partition, end } of newest.entry.change.coverage) {
    if (next.get(partition) !== end)
      wrong(`partition ${partition}`, `ranges up to ${end}`, `up to ${next.get(partition)}`)
  }
  return inForce
}

/** Only appends add; what compacts or replays may move rows between segments and rejects, never their sum. */
function checkTotals(
  verifier: ObjectVerifier,
  { chain, change, upTo }: { chain: string; change: SnapshotChange; upTo: readonly Link<SnapshotChange>[] },
): void {
  const appended = upTo
    .filter(({ entry }) => entry.change.kind === 'append')
    .flatMap(({ entry }) => entry.change.ranges)
  const records = appended.reduce((sum, { segment, rejects }) => sum + (segment?.rows ?? 0) + (rejects?.rows ?? 0), 0)
  if (records === change.rows + change.rejects) return
  const key = chainKey(chain, upTo.length)
  const expected = `${records} rows and rejects`
  verifier.report({ key, referredBy: key }, mismatch({ what: key, expected, found: `${change.rows + change.rejects}` }))
}

function countHoles(results: readonly RangeResult[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { holes } of results)
    for (const { kind, start, end } of holes) counts[kind] = (counts[kind] ?? 0) + end - start
  return counts
}
