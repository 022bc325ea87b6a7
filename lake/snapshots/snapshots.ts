// Snapshots of a source: which offsets the lake accounts for, and in which files their rows lie.
import assert from 'node:assert/strict'
import { failure } from '../../schemas/failures.ts'
import { chainKey, snapshotChain } from '../../schemas/ids.ts'
import type {
  Arrival,
  ChainEntry,
  ChainRef,
  Coverage,
  SnapshotChange,
  SnapshotRef,
  SourceRef,
  TopicLog,
} from '../../schemas/manifest.ts'
import type { RangeResult, RejectsRef, SegmentRef } from '../../schemas/segment.ts'
import { type Link, openChain } from '../chain.ts'
import { broken, type ChainPlace, walkBack } from '../chain-links.ts'
import type { Store } from '../store/store.ts'
import { rangesInForce } from './ranges-in-force.ts'
import { planSnapshotChange } from './snapshot-change.ts'

export interface SnapshotCommit {
  readonly store: Store
  readonly source: SourceRef
  /** what became of every range that was read; at least one */
  readonly results: readonly RangeResult[]
  /** the log that they were read from, as it was before they were; absent: not known */
  readonly log?: TopicLog | undefined
  /** the same in every attempt of this commit */
  readonly commitId: string
  /**
   * The head that the ranges were planned from (null: an empty chain): earlier entries are not searched for `commitId`.
   * Whether the ranges still fit is decided by their offsets, so that commits of other partitions in between do no harm.
   */
  readonly expectedHead?: ChainRef | null
}

/**
 * Appends the results to the source's chain. `committed` is false when nothing had to be written: an earlier attempt did, or other
 * commits cover all these offsets already; `snapshot` is then the earlier commit, or the head that covers them.
 * Throws SEGMENT_GAP or RANGE_INCOMPLETE when offsets are skipped or unexplained, CHAIN_CONFLICT when another writer
 * committed a part of these offsets first (plan again).
 */
export async function commitSnapshot(
  commit: SnapshotCommit,
): Promise<{ readonly snapshot: SnapshotRef; readonly committed: boolean }> {
  const { store, source, results, log, commitId, expectedHead } = commit
  const name = snapshotChain(source.id)
  const chain = openChain<SnapshotChange>({ store, chain: name })
  const since =
    expectedHead?.version ?? (await searchFrom({ store, chain: name }, { head: await chain.head(), results }))
  let covering: Link<SnapshotChange> | null = null
  const appended = await chain.append({
    commitId,
    since,
    decide(head) {
      const plan = planSnapshotChange(head?.entry.change ?? null, { source, results, log })
      if (plan.kind === 'append') return plan.change
      if (plan.kind === 'overlaps') throw failure('CHAIN_CONFLICT', { chain: name, version: head?.entry.version ?? 0 })
      covering = head
      return null
    },
  })
  const link = appended ?? covering
  assert(link !== null, 'covered offsets have a head that covers them')
  return { snapshot: snapshotOf(link), committed: appended?.committed ?? false }
}

/**
 * The newest version that this commit cannot be in, nor any before: its coverage lacks one of the ranges. For ranges that nobody
 * has committed that is the head, so that a commit does not read the chain.
 */
async function searchFrom(
  place: ChainPlace,
  { head, results }: { readonly head: Link<SnapshotChange> | null; readonly results: readonly RangeResult[] },
): Promise<number> {
  if (head === null) return 0
  for await (const { entry } of walkBack<SnapshotChange>(place, head)) {
    const ends = new Map(entry.change.coverage.map(({ partition, end }) => [partition, end]))
    if (results.some(({ range }) => (ends.get(range.partition) ?? 0) < range.end)) return entry.version
  }
  return 0
}

export interface HeadSnapshot {
  readonly snapshot: SnapshotRef
  readonly coverage: readonly Coverage[]
  /** absent: the chain does not know the log yet */
  readonly log?: TopicLog
}

/** The newest snapshot and the offsets it accounts for; null before the first commit. */
export async function headSnapshot({
  store,
  source,
}: {
  store: Store
  source: Pick<SourceRef, 'id'>
}): Promise<HeadSnapshot | null> {
  const head = await openChain<SnapshotChange>({ store, chain: snapshotChain(source.id) }).head()
  if (head === null) return null
  const { coverage, log } = head.entry.change
  return { snapshot: snapshotOf(head), coverage, ...(log && { log }) }
}

/** One entry of a source's chain. */
export interface ChainStep {
  readonly version: number
  readonly sha256: string
  readonly kind: SnapshotChange['kind']
}

/** All files of a snapshot, its earlier commits included, ordered by partition, then start, and when their offsets came. Throws CHAIN_BROKEN when the chain holds another entry there. */
export async function snapshotSegments({ store, snapshot }: { store: Store; snapshot: ChainRef }): Promise<{
  readonly segments: SegmentRef[]
  readonly rejects: RejectsRef[]
  readonly coverage: readonly Coverage[]
  readonly arrivals: readonly Arrival[]
  /** every entry of the chain up to the snapshot */
  readonly steps: readonly ChainStep[]
}> {
  const { chain, version, sha256 } = snapshot
  const links = await openChain<SnapshotChange>({ store, chain }).entries({ upTo: version })
  const last = links.at(-1)
  if (last?.ref.sha256 !== sha256) {
    const key = chainKey(chain, version)
    throw broken({ chain, expected: `sha256 ${sha256}`, found: `sha256 ${last?.ref.sha256}`, first: key, second: key })
  }
  const results = rangesInForce(links.map(({ entry }) => entry.change))
  return {
    segments: results.flatMap(({ segment }) => segment ?? []),
    rejects: results.flatMap(({ rejects }) => rejects ?? []),
    coverage: last.entry.change.coverage,
    arrivals: links.flatMap(({ entry }, i) => arrivalsIn(entry, links[i - 1]?.entry)),
    steps: links.map(({ ref, entry }) => ({ version: entry.version, sha256: ref.sha256, kind: entry.change.kind })),
  }
}

/** The partitions that an entry brought on; compaction and replays bring none. */
function arrivalsIn(
  { version, change }: ChainEntry<SnapshotChange>,
  before: ChainEntry<SnapshotChange> | undefined,
): Arrival[] {
  const ends = new Map(before?.change.coverage.map(({ partition, end }) => [partition, end]))
  return change.coverage
    .filter(({ partition, end }) => ends.get(partition) !== end)
    .map(({ partition, end }) => ({ partition, end, version }))
}

function snapshotOf({ ref, entry: { change } }: Link<SnapshotChange>): SnapshotRef {
  return { ...ref, source: change.source, rows: change.rows, rejects: change.rejects }
}
