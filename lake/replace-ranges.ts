// A commit that puts new ranges in the place of earlier ones: the same offsets, accounted for in other files.
import assert from 'node:assert/strict'
import { digestOf } from '../core/digest.ts'
import { failure } from '../schemas/failures.ts'
import { snapshotChain } from '../schemas/ids.ts'
import type { SnapshotChange } from '../schemas/manifest.ts'
import type { RangeResult } from '../schemas/segment.ts'
import { type Appended, openChain } from './chain.ts'
import { rangesInForce } from './ranges-in-force.ts'
import type { Store } from './store.ts'

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
  const appended = await chain.append({
    commitId,
    async decide(head) {
      assert(head !== null, 'ranges in force have a chain')
      const { change } = head.entry
      const links = await chain.entries({ upTo: head.entry.version })
      const inForce = new Set(rangesInForce(links.map(({ entry }) => entry.change)).map(identityOf))
      const fits = replacements.every(({ of }) => of.every((result) => inForce.has(identityOf(result))))
      if (!fits) throw failure('CHAIN_CONFLICT', { chain: name, version: head.entry.version })
      return replaced(change, { kind, replacements })
    },
  })
  assert(appended !== null, 'there is always a change to make')
  return appended
}

function replaced(
  head: SnapshotChange,
  { kind, replacements }: Pick<ReplaceRanges, 'kind' | 'replacements'>,
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
    rows: head.rows + grown(({ segment }) => segment?.rows ?? 0),
    rejects: head.rejects + grown(({ rejects }) => rejects?.rows ?? 0),
  }
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
