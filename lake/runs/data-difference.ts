// Which offsets and rows a dataset has beyond an earlier one, and in which snapshots they came.
import { snapshotChain } from '../../schemas/ids.ts'
import type { Coverage, SnapshotChange, SourceRef } from '../../schemas/manifest.ts'
import { type Link, openChain } from '../chain.ts'
import type { Store } from '../store/store.ts'

export interface DataState {
  readonly source: Pick<SourceRef, 'id'>
  readonly coverage: readonly Coverage[]
  /** records: rows and decode rejects */
  readonly records: number
  /** of them those that did not decode */
  readonly rejects: number
}

/** Partitions that are told one by one. */
const MAX_PARTITIONS = 6

/** Lines for a person; "the same offsets" is a line, too. */
export async function dataDifferences(store: Store, before: DataState, now: DataState): Promise<string[]> {
  if (before.source.id !== now.source.id) return [`another source: ${before.source.id} → ${now.source.id}`]
  const links = await openChain<SnapshotChange>({ store, chain: snapshotChain(now.source.id) }).entries()
  const between = versionsBetween(links, before.coverage, now.coverage)
  const grown = partitionDifferences(before.coverage, now.coverage)
  const counts = [
    `${signed(now.records - before.records)} records`,
    `${signed(now.rejects - before.rejects)} of them did not decode`,
  ].join(', ')
  if (grown.length > 0) return [`${between}${counts}`, ...grown]
  const replays = links.filter(({ entry }) => entry.change.kind === 'replayed').map(({ entry }) => entry.version)
  const cause = replays.length === 0 ? '' : `: snapshot ${replays.join(', ')} replayed rejects`
  return [`the same offsets with other rows${cause}; ${counts}`]
}

/** "snapshots 2 to 4: "; empty: the chain does not tell. */
function versionsBetween(
  links: readonly Link<SnapshotChange>[],
  before: readonly Coverage[],
  now: readonly Coverage[],
): string {
  const from = links.findLast(({ entry }) => isEqual(entry.change.coverage, before))?.entry.version
  const to = links.find(({ entry }) => isEqual(entry.change.coverage, now))?.entry.version
  if (from === undefined || to === undefined || to <= from) return ''
  return to === from + 1 ? `snapshot ${to}: ` : `snapshots ${from + 1} to ${to}: `
}

function partitionDifferences(before: readonly Coverage[], now: readonly Coverage[]): string[] {
  const ends = new Map(before.map(({ partition, start, end }) => [partition, { start, end }]))
  const lines = now.flatMap(({ partition, start, end }) => {
    const old = ends.get(partition) ?? { start, end: start }
    if (old.end === end) return []
    return [
      `partition ${partition}: offsets [${Math.min(old.end, end)}, ${Math.max(old.end, end)}) ${end > old.end ? 'came' : 'went'}`,
    ]
  })
  const rest = lines.length - MAX_PARTITIONS
  return rest <= 0 ? lines : [...lines.slice(0, MAX_PARTITIONS), `and ${rest} more partitions`]
}

const isEqual = (a: readonly Coverage[], b: readonly Coverage[]): boolean =>
  a.length === b.length && a.every((each, i) => each.partition === b[i]?.partition && each.end === b[i]?.end)

const signed = (count: number): string => `${count < 0 ? '−' : '+'}${Math.abs(count).toLocaleString('en-US')}`
