// Small files of a source → larger ones: the same rows in the same order, in fewer objects.
import { failure } from '../../schemas/failures.ts'
import { snapshotChain } from '../../schemas/ids.ts'
import type { SnapshotChange } from '../../schemas/manifest.ts'
import type { OffsetRange, RangeResult, RejectsRef, SegmentRef } from '../../schemas/segment.ts'
import { openChain } from '../chain.ts'
import type { BodyCodec } from '../columns/codec.ts'
import { concatColumns } from '../columns/concat-columns.ts'
import { readColumns } from '../columns/read.ts'
import type { Store } from '../store/store.ts'
import { type CompactLimits, planCompaction } from './compact-plan.ts'
import { contentOf, rangesInForce } from './ranges-in-force.ts'
import { type Replacement, replaceRanges } from './replace-ranges.ts'
import { readRejects, writeRejects, writeSegment } from './segment.ts'

/** Merged ranges per entry of the chain: bounds an entry's size and what a lost race throws away. */
const MAX_GROUPS = 64

export interface Compacted {
  /** ranges in force before and after */
  readonly before: number
  readonly after: number
  /** files written, and the bytes in them */
  readonly files: number
  readonly bytes: number
  /** versions of the chain that this added; empty: there was nothing worth merging */
  readonly versions: readonly number[]
}

export interface Compact extends CompactLimits {
  readonly store: Store
  readonly sourceId: string
  /** told after every merged range */
  readonly onMerged?: (range: OffsetRange) => void
  readonly signal?: AbortSignal
  readonly codec?: BodyCodec | undefined
  /** merged ranges at most; the rest is left for another time */
  readonly maxGroups?: number
}

/**
 * Merges neighbouring small ranges. Row order, offsets, rejects, holes and totals stay, and so does what the clean stage is
 * remembered by (`contentOf`). The files that were merged are not deleted. Holds one merged range in memory at a time.
 * Throws CHAIN_CONFLICT when another compaction or replay replaced the same ranges: nothing is lost, run it again.
 */
export async function compactSource(compact: Compact): Promise<Compacted> {
  const { store, sourceId } = compact
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(sourceId) }).entries()
  return await compactRanges(compact, rangesInForce(links.map(({ entry }) => entry.change)))
}

/** As `compactSource`, of `inForce` only: ranges in force, ordered by partition, then start. */
export async function compactRanges(compact: Compact, inForce: readonly RangeResult[]): Promise<Compacted> {
  const { store, sourceId, signal, onMerged, codec, maxGroups = Infinity } = compact
  const groups = planCompaction(inForce, compact).slice(0, maxGroups)
  const versions: number[] = []
  let files = 0
  let bytes = 0
  for (let first = 0; first < groups.length; first += MAX_GROUPS) {
    const replacements: Replacement[] = []
    for (const group of groups.slice(first, first + MAX_GROUPS)) {
      signal?.throwIfAborted()
      const by = await mergeRanges(store, { sourceId, codec, group })
      replacements.push({ of: group, by })
      const written = [by.segment, by.rejects].filter((file) => file !== null)
      files += written.length
      bytes += written.reduce((total, file) => total + file.bytes, 0)
      onMerged?.(by.range)
    }
    const { entry } = await replaceRanges({ store, sourceId, kind: 'compacted', replacements })
    versions.push(entry.version)
  }
  const gone = groups.reduce((total, group) => total + group.length - 1, 0)
  return { before: inForce.length, after: inForce.length - gone, files, bytes, versions }
}

/** One range for the neighbours `group`, its files written. A single file of the group is taken as it is read. */
async function mergeRanges(
  store: Store,
  { group, ...place }: Pick<Compact, 'sourceId' | 'codec'> & { readonly group: readonly RangeResult[] },
): Promise<RangeResult> {
  const range: OffsetRange = { ...group[0]!.range, end: group.at(-1)!.range.end }
  const segments = group.flatMap(({ segment }) => segment ?? [])
  const rejects = group.flatMap((one) => one.rejects ?? [])
  return {
    range,
    segment: segments.length === 0 ? null : await mergeSegments(store, { ...place, range }, segments),
    rejects: rejects.length === 0 ? null : await mergeRejects(store, { ...place, range }, rejects),
    holes: group.flatMap(({ holes }) => holes),
  }
}

type Place = Pick<Compact, 'sourceId' | 'codec'> & { readonly range: OffsetRange }

async function mergeSegments(store: Store, place: Place, segments: readonly SegmentRef[]): Promise<SegmentRef> {
  const batches = []
  for (const segment of segments) batches.push(await readColumns(store, segment))
  const columns = concatColumns(batches)
  checkRows(columns.rows, segments)
  return { ...(await writeSegment(store, { ...place, columns })), merged: contentOf(segments) }
}

async function mergeRejects(store: Store, place: Place, files: readonly RejectsRef[]): Promise<RejectsRef> {
  const rejects = []
  for (const file of files) rejects.push(...(await readRejects(store, file)))
  checkRows(rejects.length, files)
  return { ...(await writeRejects(store, { ...place, rejects })), merged: contentOf(files) }
}

/** The files hold what the chain says. */
function checkRows(found: number, files: readonly SegmentRef[]): void {
  const expected = files.reduce((total, { rows }) => total + rows, 0)
  const key = files.map((file) => file.key).join(', ')
  if (found !== expected) throw failure('OBJECT_CORRUPT', { key, expected: `${expected} rows`, found: `${found} rows` })
}
