// An append-only chain of commits: decide → conditional PUT → on a conflict read, decide again. Data, models and champions alike.
import { failure, isFailure } from '../schemas/failures.ts'
import { chainKey } from '../schemas/ids.ts'
import type { ChainEntry } from '../schemas/manifest.ts'
import { type ChainPlace, type Link, newestVersion, openEntry, readLinks, sealEntry } from './chain-links.ts'

export type { Link } from './chain-links.ts'

/** Tries at one append whose outcome stayed unknown (no answer, and nothing to read) before Temporal takes over. */
const MAX_UNKNOWN = 3
/** Lost races before the caller has to plan again; each one means that another writer made progress. */
const MAX_CONFLICTS = 64

export interface Append<Change> {
  /**
   * Names this commit for ever: chosen once before the first attempt and the same in every retry, in this process or another.
   * An entry that carries it is this commit, however unclear the answer was.
   */
  readonly commitId: string
  /** Versions up to this one (inclusive) are known to come from before the first attempt; default 0 searches the whole chain. */
  readonly since?: number
  /**
   * The change to make on top of `head`, or null when there is nothing to do. Called again after every foreign commit;
   * what it throws is thrown by `append`, and nothing was written.
   */
  readonly decide: (head: Link<Change> | null) => Change | null | Promise<Change | null>
}

/** `committed`: false when this commit stood in the chain before the call. */
export type Appended<Change> = Link<Change> & { readonly committed: boolean }

export interface Chain<Change> {
  /** The newest entry, checked against the one before it; null for an empty chain. */
  head(): Promise<Link<Change> | null>
  /** All entries up to a version (default: the newest), oldest first, every parent checked. */
  entries(options?: { readonly upTo?: number }): Promise<readonly Link<Change>[]>
  /** Commits at most once per commit id; null: `decide` found nothing to do. */
  append(options: Append<Change>): Promise<Appended<Change> | null>
}

/**
 * Opens a chain; it need not exist. The object remembers links that it has checked, so repeated calls read only what is new:
 * entries never change. All methods throw CHAIN_BROKEN, naming both keys, for a chain that forks, skips or fails a hash.
 */
export function openChain<Change>(place: ChainPlace): Chain<Change> {
  const known: Known<Change> = { all: [], head: null }
  return {
    head: () => readHead(place, known),
    entries: (options) => readEntries(place, { known, ...options }),
    append: (options) => append(place, { known, ...options }),
  }
}

/** What one Chain object has read and checked. */
interface Known<Change> {
  /** versions 1, 2, …, without a gap */
  all: Link<Change>[]
  /** may be newer than the last of `all` */
  head: Link<Change> | null
}

async function readHead<Change>(place: ChainPlace, known: Known<Change>): Promise<Link<Change> | null> {
  const before = known.head
  const newest = await newestVersion(place, before?.entry.version ?? 0)
  if (newest === (before?.entry.version ?? 0)) return before
  const from = before === null ? Math.max(1, newest - 1) : before.entry.version + 1
  const links = await readLinks(place, { from, to: newest, before: before ?? undefined })
  known.head = links.at(-1)!
  return known.head
}

async function readEntries<Change>(
  place: ChainPlace,
  { known, upTo }: { known: Known<Change>; upTo?: number },
): Promise<readonly Link<Change>[]> {
  const to = upTo ?? (await readHead(place, known))?.entry.version ?? 0
  const have = known.all.length
  if (to > have) {
    const before = known.all[have - 1]
    const links = await readLinks(place, { from: have + 1, to, before })
    if (known.all.length === have) known.all.push(...links)
    else return [...known.all.slice(0, have), ...links]
  }
  return known.all.slice(0, to)
}

async function append<Change>(
  place: ChainPlace,
  { known, commitId, since = 0, decide }: Append<Change> & { known: Known<Change> },
): Promise<Appended<Change> | null> {
  let searched = since
  for (let unknown = 0, conflicts = 0; ; ) {
    const head = await readHead(place, known)
    const own = await findCommit(place, { known, commitId, since: searched, head })
    if (own !== null) return { ...own, committed: unknown > 0 }
    searched = head?.entry.version ?? 0

    const change = await decide(head)
    if (change === null) return null
    const outcome = await tryCommit(place, { head, commitId, change })
    if (outcome.kind === 'own') {
      known.head = outcome.link
      return { ...outcome.link, committed: true }
    }
    if (outcome.kind === 'unknown' && ++unknown >= MAX_UNKNOWN) throw outcome.error
    if (outcome.kind === 'foreign' && ++conflicts >= MAX_CONFLICTS) {
      throw failure('CHAIN_CONFLICT', { chain: place.chain, version: searched + 1 })
    }
  }
}

/** The entry of `commitId` among versions (since, head]. */
async function findCommit<Change>(
  place: ChainPlace,
  options: { known: Known<Change>; commitId: string; since: number; head: Link<Change> | null },
): Promise<Link<Change> | null> {
  const { known, commitId, since, head } = options
  const newest = head?.entry.version ?? 0
  if (since >= newest) return null
  if (since === newest - 1) return head!.entry.commitId === commitId ? head : null
  const links =
    since === 0
      ? await readEntries(place, { known, upTo: newest })
      : await readLinks<Change>(place, { from: since + 1, to: newest })
  return links.find(({ entry }) => entry.commitId === commitId) ?? null
}

type CommitOutcome<Change> =
  | { readonly kind: 'own'; readonly link: Link<Change> }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unknown'; readonly error: unknown }

/** One conditional PUT of the next version. This is the commit point; every unclear answer is resolved by reading what is there. */
async function tryCommit<Change>(
  { store, chain }: ChainPlace,
  { head, commitId, change }: { head: Link<Change> | null; commitId: string; change: Change },
): Promise<CommitOutcome<Change>> {
  const version = (head?.entry.version ?? 0) + 1
  const entry: ChainEntry<Change> = { version, parent: head?.ref.sha256 ?? null, commitId, change }
  const { bytes, link } = sealEntry(chain, entry)
  const key = chainKey(chain, version)
  let error: unknown = failure('STORE_UNAVAILABLE', {
    operation: 'PUT',
    key,
    detail: 'said "exists", then showed nothing',
  })
  try {
    if ((await store.putIfAbsent(key, bytes)) === 'created') return { kind: 'own', link }
  } catch (cause) {
    if (!isFailure(cause, 'STORE_UNAVAILABLE')) throw cause
    error = cause
  }
  const found = await store.get(key)
  if (found === undefined) return { kind: 'unknown', error }
  const winner = openEntry<Change>(chain, { version, bytes: found })
  return winner.entry.commitId === commitId ? { kind: 'own', link: winner } : { kind: 'foreign' }
}
