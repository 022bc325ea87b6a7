// Why a run did what it did: each stage done or reused, and what was different from what was there before.
import type { DatasetRef } from '../../schemas/dataset.ts'
import { keptRecipe, type StageRecord } from '../memo.ts'
import type { Store } from '../store/store.ts'
import { codeOf } from './code-difference.ts'
import { dataStateOf, type Explanation, explainStage } from './explain-stage.ts'
import type { PipelineRuns } from './find-run.ts'
import type { MadeRun, VersionedStage } from './made-runs.ts'

export interface ExplainedStage extends Explanation {
  readonly stage: VersionedStage
  /** missing: the run did not get there, or the record is gone. unknown: what it would read is not there yet */
  readonly state: 'done' | 'reused' | 'would be done' | 'missing' | 'unknown'
  /** digest of its result */
  readonly output: string | null
}

export async function explainRun(store: Store, runs: PipelineRuns, run: MadeRun): Promise<ExplainedStage[]> {
  return await Promise.all(
    (['clean', 'train', 'evaluate'] as const).map((stage) => explainOne(store, runs, run, stage)),
  )
}

async function explainOne(
  store: Store,
  { records }: PipelineRuns,
  run: MadeRun,
  stage: VersionedStage,
): Promise<ExplainedStage> {
  const record = run[stage]
  if (record === null) return { stage, state: 'missing', output: null, comparedWith: null, differs: [] }
  const output = outputOf(record)
  if (!run.made.includes(stage)) {
    return { stage, state: 'reused', output, comparedWith: record.at ?? null, differs: [] }
  }
  const all: readonly StageRecord<unknown>[] = records[stage]
  const earlier = all.slice(0, all.indexOf(record))
  const { inputs } = record
  const recipe = inputs.recipe === undefined ? undefined : await keptRecipe(store, inputs.recipe)
  const { parts: codeParts } = await codeOf(store, record, all)
  const data = stage === 'clean' ? ((await dataStateOf(store, record.output as DatasetRef)) ?? undefined) : undefined
  return { stage, state: 'done', output, ...(await explainStage(store, { inputs, recipe, codeParts, data }, earlier)) }
}

/** An evaluation is named by its object, the others by their digests, which are the same thing. */
export const outputOf = ({ output }: StageRecord<unknown>): string => (output as { readonly sha256: string }).sha256
