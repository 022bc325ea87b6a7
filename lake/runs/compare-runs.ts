// Two runs beside each other: what they were made from, what came out, and the exact words, rows and files that differ.
import type { DatasetManifest, RowAccounting } from '../../schemas/dataset.ts'
import type { Coverage } from '../../schemas/manifest.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Evaluation } from '../../schemas/verdict.ts'
import { everyDifference } from '../differences.ts'
import { keptRecipe, type StageRecord } from '../memo.ts'
import { readJson } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { codeDifferences, codeOf } from './code-difference.ts'
import { dataDifferences } from './data-difference.ts'
import { dataStateOf } from './explain-stage.ts'
import type { PipelineRuns } from './find-run.ts'
import type { MadeRun, VersionedStage } from './made-runs.ts'

/** What a run left in the bucket; null: it did not get there. */
export interface RunSide {
  readonly run: MadeRun
  readonly coverage: readonly Coverage[] | null
  readonly accounting: RowAccounting | null
  readonly card: ModelCard | null
  readonly evaluation: Evaluation | null
}

export interface StageDifference {
  readonly stage: VersionedStage
  /** words of the recipe */
  readonly recipe: readonly string[]
  /** files and packages */
  readonly code: readonly string[]
}

export interface RunComparison {
  readonly a: RunSide
  readonly b: RunSide
  /** empty: one dataset */
  readonly data: readonly string[]
  readonly stages: readonly StageDifference[]
}

export async function compareRuns(store: Store, runs: PipelineRuns, a: MadeRun, b: MadeRun): Promise<RunComparison> {
  const [left, right] = await Promise.all([sideOf(store, a), sideOf(store, b)])
  const stages = (['clean', 'train', 'evaluate'] as const).map((stage) => stageDifference(store, runs, { stage, a, b }))
  return { a: left, b: right, data: await dataBetween(store, a, b), stages: await Promise.all(stages) }
}

async function sideOf(store: Store, run: MadeRun): Promise<RunSide> {
  const { clean, train, evaluate } = run
  const manifest = clean && (await readJson<DatasetManifest>(store, clean.output))
  return {
    run,
    coverage: manifest?.lineage.coverage ?? null,
    accounting: manifest?.accounting ?? null,
    card: train && (await readJson<ModelCard>(store, train.output)),
    evaluation: evaluate && (await readJson<Evaluation>(store, evaluate.output)),
  }
}

async function dataBetween(store: Store, a: MadeRun, b: MadeRun): Promise<string[]> {
  if (a.clean === null || b.clean === null || a.clean.inputs.data === b.clean.inputs.data) return []
  const [before, now] = await Promise.all([dataStateOf(store, a.clean.output), dataStateOf(store, b.clean.output)])
  return before === null || now === null ? ['a dataset is gone'] : await dataDifferences(store, before, now)
}

async function stageDifference(
  store: Store,
  { records }: PipelineRuns,
  { stage, a, b }: { readonly stage: VersionedStage; readonly a: MadeRun; readonly b: MadeRun },
): Promise<StageDifference> {
  const [before, now]: (StageRecord<unknown> | null)[] = [a[stage], b[stage]]
  if (before === null || now === null || before === undefined || now === undefined)
    return { stage, recipe: [], code: [] }
  const [old, current] = await Promise.all([before, now].map((record) => recipeOfRecord(store, record)))
  const isKept = old !== undefined && current !== undefined
  const recipe = isKept ? everyDifference(old, current) : ['the settings of one of them were not kept']
  const all: readonly StageRecord<unknown>[] = records[stage]
  const code = codeDifferences(await codeOf(store, before, all), await codeOf(store, now, all))
  return { stage, recipe: before.inputs.recipe === now.inputs.recipe ? [] : recipe, code }
}

async function recipeOfRecord(store: Store, { inputs }: StageRecord<unknown>): Promise<unknown> {
  return inputs.recipe === undefined ? undefined : await keptRecipe(store, inputs.recipe)
}
