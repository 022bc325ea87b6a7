// Links of a chain as they lie in the store: find the newest, read some, check that each one fits the one before.
import { canonicalBytes, sha256 } from '../core/digest.ts'
import { failure, type SluiceFailure } from '../schemas/failures.ts'
import { chainKey } from '../schemas/ids.ts'
import type { ChainEntry, ChainRef } from '../schemas/manifest.ts'
import { inParallel } from './store/in-parallel.ts'
import type { Store } from './store/store.ts'

/** An entry with the reference that pins its bytes. */
export interface Link<Change> {
  readonly ref: ChainRef
  readonly entry: ChainEntry<Change>
}

export interface ChainPlace {
  readonly store: Store
  /** as of `snapshotChain` or `ledgerChain` */
  readonly chain: string
}

/**
 * Newest version at or after `known` (0: nothing is known), by one listing of what came later. A listing, and not probes, because a
 * missing link in the middle must be seen: a probe would take it for the end and the next commit would fill the hole.
 */
export async function newestVersion({ store, chain }: ChainPlace, known: number): Promise<number> {
  let newest = known
  for await (const key of store.list(`${chain}/`, known === 0 ? {} : { after: chainKey(chain, known) })) {
    const version = versionOf(key, chain)
    if (version === null) continue
    if (version !== newest + 1) {
      const expected = `version ${newest + 1}`
      const found = `version ${version} next`
      throw broken({ chain, expected, found, first: chainKey(chain, Math.max(newest, 1)), second: key })
    }
    newest = version
  }
  return newest
}

/**
 * Entries with versions [from, to], oldest first; `before` is the link of version from - 1 where the caller has it (its hash is then checked too).
 * Throws CHAIN_BROKEN naming the entry that does not fit and the one before it.
 */
export async function readLinks<Change>(
  place: ChainPlace,
  { from, to, before }: { from: number; to: number; before?: Link<Change> | undefined },
): Promise<Link<Change>[]> {
  const versions = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
  const links = await inParallel(versions, (version) => readLink<Change>(place, version))
  let previous = before
  for (const link of links) {
    checkParent(link, previous, place.chain)
    previous = link
  }
  return links
}

/** Entries read at once by a walk: doubled from request to request, so that a short walk reads little and a long one does not wait long. */
const MAX_STEP = 16

/** The links from `head` down to version 1, newest first, each checked against the one after it. Reads ahead by at most as many as it has given. */
export async function* walkBack<Change>(place: ChainPlace, head: Link<Change>): AsyncGenerator<Link<Change>> {
  yield head
  let after = head
  for (let step = 1; after.entry.version > 1; step = Math.min(step * 2, MAX_STEP)) {
    const to = after.entry.version - 1
    const links = await readLinks<Change>(place, { from: Math.max(1, to - step + 1), to })
    for (const link of links.toReversed()) {
      checkParent(after, link, place.chain)
      yield link
      after = link
    }
  }
}

/** The bytes of an entry and the link they make, read back from them: what the caller changes later does not reach it. */
export function sealEntry<Change>(chain: string, entry: ChainEntry<Change>): { bytes: Uint8Array; link: Link<Change> } {
  const bytes = canonicalBytes(entry)
  const ref = { chain, version: entry.version, sha256: sha256(bytes) }
  return { bytes, link: { ref, entry: parseEntry<Change>(bytes)! } }
}

/** The link that `bytes` hold, as found under the key of `version`. Throws CHAIN_BROKEN when it says otherwise. */
export function openEntry<Change>(
  chain: string,
  { version, bytes }: { version: number; bytes: Uint8Array },
): Link<Change> {
  const key = chainKey(chain, version)
  const wrong = (found: string) =>
    broken({
      chain,
      expected: `the entry of version ${version}`,
      found,
      first: chainKey(chain, version - 1),
      second: key,
    })
  const entry = parseEntry<Change>(bytes)
  if (entry === null) throw wrong('bytes that are no chain entry')
  if (entry.version !== version) throw wrong(`an entry of version ${entry.version}`)
  if (Buffer.compare(bytes, canonicalBytes(entry)) !== 0) throw wrong('JSON that is not canonical')
  return { ref: { chain, version, sha256: sha256(bytes) }, entry }
}

async function readLink<Change>({ store, chain }: ChainPlace, version: number): Promise<Link<Change>> {
  const key = chainKey(chain, version)
  const bytes = await store.get(key)
  if (bytes === undefined) {
    const first = chainKey(chain, version - 1)
    throw broken({ chain, expected: `version ${version}`, found: 'nothing', first, second: key })
  }
  return openEntry(chain, { version, bytes })
}

/** A wrong parent is a fork or a replaced entry: both keys are needed to find out which. */
function checkParent<Change>({ entry }: Link<Change>, previous: Link<Change> | undefined, chain: string): void {
  if (previous === undefined && entry.version > 1) return
  const parent = previous?.ref.sha256 ?? null
  if (entry.parent === parent) return
  throw broken({
    chain,
    expected: `parent ${parent}`,
    found: `parent ${entry.parent}`,
    first: chainKey(chain, entry.version - 1),
    second: chainKey(chain, entry.version),
  })
}

/** What is not named like an entry is none of the chain's business. */
function versionOf(key: string, chain: string): number | null {
  const version = Number(/^(\d{20})\.json$/.exec(key.slice(chain.length + 1))?.[1] ?? Number.NaN)
  return Number.isSafeInteger(version) ? version : null
}

function parseEntry<Change>(bytes: Uint8Array): ChainEntry<Change> | null {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
  const entry = value as ChainEntry<Change> | null
  const fits = typeof entry?.version === 'number' && typeof entry.commitId === 'string' && 'change' in entry
  return fits && (entry.parent === null || typeof entry.parent === 'string') ? entry : null
}

interface Break {
  readonly chain: string
  readonly expected: string
  readonly found: string
  readonly first: string
  readonly second: string
}

export function broken(facts: Break): SluiceFailure {
  return failure('CHAIN_BROKEN', { ...facts })
}
