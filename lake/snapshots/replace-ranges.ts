// A commit that puts new ranges in the place of earlier ones: the same offsets, accounted for in other files.
import assert from 'node:assert/strict'
import { digestOf } from '../../core/digest.ts'
import { failure } from '../../schemas/failures.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { type Appended, type Link, openChain } from '../chain.ts'
import type { Store } from '../store/store.ts'
import { rangesBehind } from './ranges-behind.ts'
import { replaceTails } from './small-tail.ts'

export interface Replacement {
  /** ranges in force that follow each other in one partition */
  readonly of: readonly RangeResult[]
  /** covers the same offsets */
  readonly by: RangeResult
}

export interface ReplaceRanges {
  readonly store: Store
  readonly sourceId: string
  readonly kind: Exclude<SnapshotChange['kind'], 'append'>
  /** at least one */
  readonly replacements: readonly Replacement[]
}

/**
 * Appends one entry; a repeated call finds its own entry. Ingest may commit in between. Throws CHAIN_CONFLICT when one of the ranges
 * has been replaced by somebody else meanwhile: nothing was written then, plan again.
 */
export async function replaceRanges({
  store,
  sourceId,
  kind,
  replacements,
}: ReplaceRanges): Promise<Appended<SnapshotChange>> {
  assert(replacements.length > 0, 'there is something to replace')
  for (const one of replacements) checkSameOffsets(one)
  const name = snapshotChain(sourceId)
  const chain = openChain<SnapshotChange>({ store, chain: name })
  // derived from what it does, so that a second try is the same commit
  const commitId = `${kind}-${digestOf(replacements.map(({ of, by }) => [of.map(identityOf), identityOf(by)]))}`
  const look = async (head: Link<SnapshotChange>): Promise<Look> => {
    const inForce = await rangesBehind(
      { store, chain: name },
      { head, floors: floorsOf(head.entry.change, replacements) },
    )
    return { version: head.entry.version, inForce, fits: replacements.every((one) => isInForce(one, inForce)) }
  }
  const head = await chain.head()
  let last = head && (await look(head))
  const appended = await chain.append({
    commitId,
    // what is to be replaced is still in force, so this commit has not been made; else it may be anywhere
    since: last?.fits ? last.version : 0,
    async decide(now) {
      assert(now !== null, 'ranges in force have a chain')
      if (last?.version !== now.entry.version) last = await look(now)
      if (!last.fits) throw failure('CHAIN_CONFLICT', { chain: name, version: last.version })
      return replaced(now.entry.change, { kind, replacements, inForce: last.inForce })
    },
  })
  assert(appended !== null, 'there is always a change to make')
  return appended
}

/** Per partition concerned where the walk back may end: the first range to replace, or the first of the small ones that are counted. */
function floorsOf({ small = [] }: SnapshotChange, replacements: readonly Replacement[]): ReadonlyMap<number, number> {
  const floors = new Map<number, number>()
  for (const { by } of replacements) {
    const { partition, start } = by.range
    const known = floors.get(partition) ?? small.find((tail) => tail.partition === partition)?.start ?? start
    floors.set(partition, Math.min(known, start))
  }
  return floors
}

/** The chain as one version of it shows it. */
interface Look {
  readonly version: number
  readonly inForce: InForce
  /** everything that is to be replaced is in force */
  readonly fits: boolean
}

function isInForce({ of, by }: Replacement, inForce: InForce): boolean {
  const found = new Set(inForce.get(by.range.partition)?.map(identityOf))
  return of.every((result) => found.has(identityOf(result)))
}

type InForce = ReadonlyMap<number, readonly RangeResult[]>

function replaced(
  head: SnapshotChange,
  { kind, replacements, inForce }: Pick<ReplaceRanges, 'kind' | 'replacements'> & { readonly inForce: InForce },
): SnapshotChange {
  const grown = (count: (result: RangeResult) => number) =>
    replacements.reduce((total, { of, by }) => total + count(by) - of.reduce((sum, one) => sum + count(one), 0), 0)
  return {
    kind,
    source: head.source,
    ranges: replacements
      .map(({ by }) => by)
      .sort((a, b) => a.range.partition - b.range.partition || a.range.start - b.range.start),
    coverage: head.coverage,
    small: replaceTails(head.small, afterReplacing(inForce, replacements)),
    ...(head.log && { log: head.log }),
    rows: head.rows + grown(({ segment }) => segment?.rows ?? 0),
    rejects: head.rejects + grown(({ rejects }) => rejects?.rows ?? 0),
  }
}

function afterReplacing(inForce: InForce, replacements: readonly Replacement[]): InForce {
  const gone = new Set(replacements.flatMap(({ of }) => of.map(identityOf)))
  return new Map(
    [...inForce].map(([partition, results]) => {
      const kept = results.filter((result) => !gone.has(identityOf(result)))
      const added = replacements.map(({ by }) => by).filter(({ range }) => range.partition === partition)
      return [partition, [...kept, ...added].sort((a, b) => a.range.start - b.range.start)]
    }),
  )
}

/** Rows and rejects may change places; their sum and the holes stay, and so do the offsets. */
function checkSameOffsets({ of, by }: Replacement): void {
  const records = ({ segment, rejects }: RangeResult) => (segment?.rows ?? 0) + (rejects?.rows ?? 0)
  const before = of.reduce((total, one) => total + records(one), 0)
  const [first, last] = [of[0], of.at(-1)]
  assert(first?.range.start === by.range.start && last?.range.end === by.range.end, 'the same offsets')
  assert(before === records(by), `${before} records stay ${before}, found ${records(by)}`)
}

function identityOf({ range, segment, rejects }: RangeResult): string {
  const { partition, start, end } = range
  return `${partition}/${start}-${end} ${segment?.key ?? ''} ${rejects?.key ?? ''}`
}
