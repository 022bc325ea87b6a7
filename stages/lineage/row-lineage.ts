// Where the records of an id lie, and what came of them: in which datasets they are, which models learnt from them, which of those went live.
import { readLedger } from '../../lake/ledger.ts'
import { keptRecipe } from '../../lake/memo.ts'
import type { PipelineRuns } from '../../lake/runs/find-run.ts'
import { type InService, serviceTimes } from '../../lake/runs/service-times.ts'
import { headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { settingsOf } from '../../plan/recipe.ts'
import type { Columns } from '../../schemas/columns.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import type { Arrival } from '../../schemas/manifest.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { SegmentRef } from '../../schemas/segment.ts'
import type { TracedRow } from '../../schemas/traced-row.ts'
import type { Verdict } from '../../schemas/verdict.ts'
import { sourceOf } from '../ingest/source.ts'
import { findId, idColumn } from '../rows/find-id.ts'
import { traceId } from '../rows/trace-id.ts'

export interface LearntBy {
  readonly model: string
  readonly verdict: Verdict | null
  /** empty: it never went live */
  readonly service: readonly InService[]
}

export interface InDataset {
  readonly dataset: string
  /** null: not noted */
  readonly at: string | null
  /** of the records that it covers; what became of them by the rules that it was made with */
  readonly rows: readonly TracedRow[]
  /** models that were made from the dataset */
  readonly models: readonly LearntBy[]
}

export interface RowLineage {
  readonly id: string
  /** by the rules as they are now */
  readonly rows: readonly (TracedRow & { readonly segment: SegmentRef | null })[]
  /** oldest first; datasets that end before the first of the records are left out */
  readonly datasets: readonly InDataset[]
  /** datasets that were not looked at: of other sources, or with rules that were not kept */
  readonly unread: number
}

/** `id`: as the lake holds it. Throws DATASET_MISSING, ROW_UNKNOWN. */
export async function rowLineage(
  store: Store,
  { plan, runs, id }: { readonly plan: Plan; readonly runs: PipelineRuns; readonly id: string },
): Promise<RowLineage> {
  const head = await headSnapshot({ store, source: sourceOf(plan, '') })
  if (head === null) throw failure('DATASET_MISSING', { pipeline: plan.name })
  const { segments, arrivals } = await snapshotSegments({ store, snapshot: head.snapshot })
  const found = await findId(store, { plan, segments, id })
  if (found === null) {
    const facts = { pipeline: plan.name, column: idColumn(plan)?.name ?? 'id', id, records: head.snapshot.rows }
    throw failure('ROW_UNKNOWN', facts)
  }
  const rows = traceId(found, { plan, arrivals }).map((row) => ({ ...row, segment: segmentOf(segments, row) }))
  const service = serviceTimes((await readLedger(store, plan.name)).entries)
  const looked = []
  for (const record of newestOfEach(runs.records.clean)) {
    looked.push(await inDataset(store, record.output, { plan, runs, found, arrivals, service, at: record.at ?? null }))
  }
  const read = looked.filter((each) => each !== null)
  return { id, rows, datasets: read.filter((each) => each.rows.length > 0), unread: looked.length - read.length }
}

/** One record per dataset: code that changed may have made the same one again. */
const newestOfEach = (records: PipelineRuns['records']['clean']) => [
  ...new Map(records.map((record) => [record.output.digest, record])).values(),
]

interface Looked {
  readonly plan: Plan
  readonly runs: PipelineRuns
  readonly found: Columns
  readonly arrivals: readonly Arrival[]
  readonly service: readonly InService[]
  readonly at: string | null
}

/** null: not to be read. */
async function inDataset(
  store: Store,
  dataset: DatasetRef,
  { plan, runs, found, arrivals, service, at }: Looked,
): Promise<InDataset | null> {
  const { lineage, recipe } = await readJson<DatasetManifest>(store, dataset)
  if (lineage.source.id !== sourceOf(plan, '').id) return null
  const settings = (await keptRecipe(store, recipe)) as ReturnType<typeof settingsOf>['clean'] | undefined
  if (settings === undefined) return null
  const rows = traceId(found, { plan: { ...plan, ...settings }, arrivals, coverage: lineage.coverage })
  const models = new Map<string, LearntBy>()
  for (const { train, evaluate } of runs.runs) {
    if (train === null || train.output.dataset !== dataset.digest) continue
    const model = train.output.digest
    const verdict = evaluate?.output.verdict ?? models.get(model)?.verdict ?? null
    models.set(model, { model, verdict, service: service.filter((each) => each.model === model) })
  }
  return { dataset: dataset.digest, at, rows, models: [...models.values()] }
}

function segmentOf(segments: readonly SegmentRef[], { partition, offset }: TracedRow): SegmentRef | null {
  const holds = ({ range }: SegmentRef) => range.partition === partition && offset >= range.start && offset < range.end
  return segments.find(holds) ?? null
}
