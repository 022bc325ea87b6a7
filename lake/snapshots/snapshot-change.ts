// What a commit of ranges would change: gapless, disjoint, every offset explained, or refused. Pure.
import assert from 'node:assert/strict'
import { failure } from '../../schemas/failures.ts'
import {
  type Coverage,
  firstOffset,
  type SnapshotChange,
  type SourceRef,
  type TopicLog,
} from '../../schemas/manifest.ts'
import type { Hole, OffsetRange, RangeResult } from '../../schemas/segment.ts'
import { extendTails } from './small-tail.ts'
import { isOtherTopic, logAfter } from './topic-log.ts'

export type SnapshotPlan =
  /** the ranges continue the head's coverage */
  | { readonly kind: 'append'; readonly change: SnapshotChange }
  /** the head accounts for all of these offsets already */
  | { readonly kind: 'covered' }
  /** the head accounts for a part of them: other commits came in between */
  | { readonly kind: 'overlaps' }

export interface SnapshotContent {
  readonly source: SourceRef
  readonly results: readonly RangeResult[]
  /** that the results were read from */
  readonly log?: TopicLog | undefined
}

/**
 * Plans the change on top of `head` (null: first commit). In each partition the ranges must start where the coverage ends; a partition
 * without coverage starts where its log began when the chain did, or earlier. Throws SEGMENT_GAP for skipped or doubled offsets, RANGE_INCOMPLETE for
 * unexplained ones, CLUSTER_CHANGED when the topic is of another cluster.
 */
export function planSnapshotChange(
  head: SnapshotChange | null,
  { source, results, log }: SnapshotContent,
): SnapshotPlan {
  assert(results.length > 0, 'a commit has ranges')
  checkSource(head, source)
  if (isOtherTopic(head?.log, log)) return { kind: 'overlaps' } // accepted since these ranges were planned
  for (const result of results) checkAccounting(result, source)
  const added = joinRanges(results.map(({ range }) => range))
  const before = new Map(head?.coverage.map((c) => [c.partition, c]))
  const overlaps = added.map(({ partition, start, end }) => {
    const covered = before.get(partition)
    if (covered === undefined || start >= covered.end) return 'none'
    return covered.start <= start && end <= covered.end ? 'whole' : 'part'
  })
  if (overlaps.every((overlap) => overlap === 'whole')) return { kind: 'covered' }
  if (overlaps.some((overlap) => overlap !== 'none')) return { kind: 'overlaps' }
  for (const { partition, start } of added) {
    const expected = before.get(partition)?.end ?? Math.min(start, beginning(head, { log, partition }) ?? start)
    if (start !== expected) throw gap({ topic: source.topic, partition, expected, found: start })
  }
  return { kind: 'append', change: changeOf(head, { source, results, log, added }) }
}

/** The last offset at which reading a partition without coverage may begin; undefined: the chain does not know its log. */
function beginning(
  head: SnapshotChange | null,
  { log, partition }: Pick<SnapshotContent, 'log'> & { readonly partition: number },
): number | undefined {
  if (head === null) return log?.began?.[partition]
  return head.log && firstOffset(head.log, partition)
}

function changeOf(
  head: SnapshotChange | null,
  { source, results, log: found, added }: SnapshotContent & { readonly added: readonly Coverage[] },
): SnapshotChange {
  const coverage = new Map(head?.coverage.map((c) => [c.partition, c]))
  for (const { partition, start, end } of added) {
    coverage.set(partition, { partition, start: coverage.get(partition)?.start ?? start, end })
  }
  const log = logAfter(head, { log: found, read: new Set(added.map(({ partition }) => partition)) })
  const ranges = [...results].sort((a, b) => byOffsets(a.range, b.range))
  return {
    kind: 'append',
    source,
    ...(log && { log }),
    ranges,
    coverage: [...coverage.values()].sort((a, b) => a.partition - b.partition),
    small: extendTails(head?.small, ranges),
    rows: (head?.rows ?? 0) + sum(results, ({ segment }) => segment?.rows ?? 0),
    rejects: (head?.rejects ?? 0) + sum(results, ({ rejects }) => rejects?.rows ?? 0),
  }
}

/** One stretch per partition. Throws SEGMENT_GAP where two ranges of a partition do not meet. */
function joinRanges(ranges: readonly OffsetRange[]): Coverage[] {
  const joined = new Map<number, Coverage>()
  for (const { topic, partition, start, end } of [...ranges].sort(byOffsets)) {
    const before = joined.get(partition)
    if (before !== undefined && start !== before.end)
      throw gap({ topic, partition, expected: before.end, found: start })
    joined.set(partition, { partition, start: before?.start ?? start, end })
  }
  return [...joined.values()]
}

/** The ledger of one range: rows + rejects + holes are its offsets, each once. */
function checkAccounting({ range, segment, rejects, holes }: RangeResult, { topic }: SourceRef): void {
  const incomplete = (found: string) => failure('RANGE_INCOMPLETE', { ...range, found })
  const offsets = range.end - range.start
  if (range.topic !== topic) throw incomplete(`a range of topic ${range.topic}, the source is ${topic}`)
  if (!(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end) && offsets > 0))
    throw incomplete('no offsets')
  for (const file of [segment, rejects]) {
    if (file === null) continue
    if (!sameRange(file.range, range)) throw incomplete(`a file of [${file.range.start},${file.range.end})`)
    if (!(Number.isSafeInteger(file.rows) && file.rows > 0)) throw incomplete(`a file of ${file.rows} rows`)
  }
  const held = holesOf(holes, { range, incomplete })
  const rows = segment?.rows ?? 0
  const rejected = rejects?.rows ?? 0
  if (rows + rejected + held === offsets) return
  throw incomplete(`${rows} rows + ${rejected} rejects + ${held} in holes of ${offsets} offsets`)
}

/** Offsets in holes, which must lie in the range, in order and apart. */
function holesOf(
  holes: readonly Hole[],
  { range, incomplete }: { range: OffsetRange; incomplete: (found: string) => Error },
): number {
  let next = range.start
  for (const { kind, start, end, accepted } of holes) {
    if ((kind === 'lost') !== (accepted !== undefined && accepted.by !== '' && accepted.reason !== ''))
      throw incomplete(
        `a ${kind} hole [${start},${end}) ${accepted === undefined ? 'that nobody accepted' : 'with an acceptance'}`,
      )
    if (!(start >= next && end > start && end <= range.end))
      throw incomplete(`a ${kind} hole [${start},${end}) after offset ${next}`)
    next = end
  }
  return sum(holes, ({ start, end }) => end - start)
}

function checkSource(head: SnapshotChange | null, source: SourceRef): void {
  if (head === null) return
  const { clusterId, topic, columns } = head.source
  if (clusterId !== source.clusterId)
    throw failure('CLUSTER_CHANGED', { topic, expected: clusterId, found: source.clusterId })
  assert(topic === source.topic && columns === source.columns, 'topic and columns are part of the source id')
}

function gap(facts: { topic: string; partition: number; expected: number; found: number }): Error {
  return failure('SEGMENT_GAP', facts)
}

function sameRange(a: OffsetRange, b: OffsetRange): boolean {
  return a.topic === b.topic && a.partition === b.partition && a.start === b.start && a.end === b.end
}

function byOffsets(a: OffsetRange, b: OffsetRange): number {
  return a.partition - b.partition || a.start - b.start
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
