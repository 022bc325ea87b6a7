// What a model came from: its evaluation, its dataset, the snapshot, and the offsets of every partition with the files that hold them.
import { readColumns } from '../../lake/columns/read.ts'
import { readLedger } from '../../lake/ledger.ts'
import type { MadeRun } from '../../lake/runs/made-runs.ts'
import { type InService, serviceTimes } from '../../lake/runs/service-times.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { DatasetManifest, RowAccounting } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { LedgerChange } from '../../schemas/ledger.ts'
import type { ChainRef } from '../../schemas/manifest.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { SegmentRef } from '../../schemas/segment.ts'
import type { EvaluationRef } from '../../schemas/verdict.ts'
import { type SnapshotFiles, snapshotOf } from './snapshot-of.ts'

export interface PartitionOrigin {
  readonly partition: number
  /** [start, end) */
  readonly start: number
  readonly end: number
  readonly segments: number
  readonly rows: number
  readonly rejects: number
  /** offsets that hold no record: markers, aborted, compacted, lost */
  readonly holes: number
  /** RFC 3339, UTC: of the first and the last row; null: there is none, or it has no time */
  readonly first: string | null
  readonly last: string | null
}

export interface ModelLineage {
  readonly model: string
  readonly card: ModelCard
  /** when it was trained; null: not noted */
  readonly at: string | null
  readonly evaluation: EvaluationRef | null
  /** what the ledger says of it, oldest first */
  readonly decisions: readonly LedgerChange[]
  readonly service: readonly InService[]
  readonly dataset: { readonly digest: string; readonly accounting: RowAccounting }
  readonly topic: string
  /** null: the chain has no snapshot of these offsets and content any more */
  readonly snapshot: ChainRef | null
  readonly partitions: readonly PartitionOrigin[]
  readonly segments: readonly SegmentRef[]
}

/** Throws ORIGIN_MISSING for a run without a model, OBJECT_MISSING, OBJECT_CORRUPT. */
export async function modelLineage(store: Store, pipeline: string, run: MadeRun): Promise<ModelLineage> {
  const { train, evaluate, clean } = run
  if (train === null) {
    const facts = {
      model: 'none',
      expected: 'a run that trained one',
      found: `run ${run.number}, which did not`,
      pipeline,
    }
    throw failure('ORIGIN_MISSING', facts)
  }
  const model = train.output.digest
  const card = await readJson<ModelCard>(store, train.output)
  const dataset = { key: objectKey('datasets', card.dataset, 'json'), sha256: card.dataset }
  const { lineage, accounting } = await readJson<DatasetManifest>(store, dataset)
  const found = await snapshotOf(store, lineage, clean?.inputs.data)
  const { entries } = await readLedger(store, pipeline)
  return {
    model,
    card,
    at: train.at ?? null,
    evaluation: evaluate?.output ?? null,
    decisions: entries.flatMap(({ change }) => (change.model === model ? change : [])),
    service: serviceTimes(entries).filter((each) => each.model === model),
    dataset: { digest: card.dataset, accounting },
    topic: lineage.source.topic,
    snapshot:
      found === null
        ? null
        : { chain: found.snapshot.chain, version: found.snapshot.version, sha256: found.snapshot.sha256 },
    partitions: await partitionsOf(store, lineage.coverage, found),
    segments: found?.files.segments ?? [],
  }
}

async function partitionsOf(
  store: Store,
  coverage: DatasetManifest['lineage']['coverage'],
  found: SnapshotFiles | null,
): Promise<PartitionOrigin[]> {
  const origins: PartitionOrigin[] = []
  for (const { partition, start, end } of coverage) {
    const isOf = ({ range }: Pick<SegmentRef, 'range'>): boolean => range.partition === partition
    const segments = found?.files.segments.filter(isOf) ?? []
    const count = (files: readonly { readonly rows: number }[]) => files.reduce((total, { rows }) => total + rows, 0)
    const [rows, rejects] = [count(segments), count(found?.files.rejects.filter(isOf) ?? [])]
    const holes = found === null ? 0 : end - start - rows - rejects
    const [first, last] = [await timeIn(store, segments[0], 'first'), await timeIn(store, segments.at(-1), 'last')]
    origins.push({ partition, start, end, segments: segments.length, rows, rejects, holes, first, last })
  }
  return origins
}

async function timeIn(store: Store, segment: SegmentRef | undefined, which: 'first' | 'last'): Promise<string | null> {
  if (segment === undefined) return null
  const { rows, byName } = await readColumns(store, segment)
  const times = byName._timestamp
  const ms = times?.type === 'int64' ? Number(times.values[which === 'first' ? 0 : rows - 1]) : -1
  return ms < 0 || Number.isNaN(new Date(ms).getTime()) ? null : new Date(ms).toISOString()
}
