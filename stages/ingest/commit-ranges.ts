// Ranges that were read → one entry of the chain: what became of them is kept beside it until they are committed together.
import { commitSnapshot } from '../../lake/snapshots/snapshots.ts'
import { putJson, readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { SnapshotRef, SourceRef, TopicLog } from '../../schemas/manifest.ts'
import type { ObjectRef, RangeResult } from '../../schemas/segment.ts'
import { compactAfterCommit } from './compact-after-commit.ts'
import { requireSameLogStill } from './departed-log.ts'
import { publishOffsets } from './publish-offsets.ts'
import type { RangeClients } from './range.ts'

export interface IngestCommit {
  readonly source: SourceRef
  readonly batches: readonly IngestedBatch[]
  readonly commitId: string
  /** of the plan; absent: runs that began before it was asked for */
  readonly log?: TopicLog
  /** whose consumer group tells monitoring how far the lake is; absent: none */
  readonly pipeline?: string
}

/** The snapshot, and false where its offsets could not be published. */
export type Committed = SnapshotRef & { readonly offsetsPublished?: false }

/** What a batch of ranges became; the ledger of every offset lies in the store. */
export interface IngestedBatch {
  /** RangeResult[] as JSON */
  readonly results: ObjectRef
  readonly rows: number
  readonly rejects: number
}

export interface CommitClients extends Pick<RangeClients, 'store' | 'broker' | 'codec'> {
  readonly limits: {
    /** see CompactAfterCommit */
    readonly compactRanges?: number
  }
}

export async function keepRanges(store: Store, results: readonly RangeResult[]): Promise<IngestedBatch> {
  return {
    results: await putJson(store, { kind: 'ranges', value: results }),
    rows: results.reduce((total, { segment }) => total + (segment?.rows ?? 0), 0),
    rejects: results.reduce((total, { rejects }) => total + (rejects?.rows ?? 0), 0),
  }
}

/** Throws what the chain throws, and TOPIC_RECREATED, TOPIC_TRUNCATED, … where the log is another one by now. */
export async function commitRanges(
  { store, broker, codec, limits }: CommitClients,
  { source, batches, commitId, log, pipeline }: IngestCommit,
): Promise<Committed> {
  const results: RangeResult[] = []
  for (const batch of batches) results.push(...(await readJson<RangeResult[]>(store, batch.results)))
  if (log !== undefined) await requireSameLogStill(broker, { source, log, results })
  const { snapshot } = await commitSnapshot({ store, source, results, log, commitId })
  await compactAfterCommit(store, { source, codec, compactRanges: limits.compactRanges })
  const published = pipeline === undefined || (await publishOffsets(broker, { pipeline, source, results }))
  return published ? snapshot : { ...snapshot, offsetsPublished: false }
}
