// Everything that a model was made from, as the bucket tells it: settings, dataset, snapshot and its ranges.
import { openChain } from '../../lake/chain.ts'
import { keptRecipe } from '../../lake/memo.ts'
import type { MadeRun } from '../../lake/runs/made-runs.ts'
import { rangesInForce } from '../../lake/snapshots/ranges-in-force.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { recipeOf, settingsOf } from '../../plan/recipe.ts'
import type { DatasetManifest, DatasetRef } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { PassedOver, SnapshotChange } from '../../schemas/manifest.ts'
import type { ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { type SnapshotFiles, snapshotOf } from '../lineage/snapshot-of.ts'

type Settings = ReturnType<typeof settingsOf>

export interface Origin extends SnapshotFiles {
  readonly run: MadeRun
  /** the file's plan with the settings that the model was made with */
  readonly plan: Plan
  readonly model: ModelRef
  readonly card: ModelCard
  readonly dataset: DatasetRef
  readonly manifest: DatasetManifest
  /** of the snapshot, by partition, then start */
  readonly ranges: readonly RangeResult[]
  /** offsets that the lake has from a former log of the topic */
  readonly passedOver: readonly PassedOver[]
}

/** Throws ORIGIN_MISSING for what the records do not lead to any more, OBJECT_MISSING. */
export async function originOf(store: Store, file: Plan, run: MadeRun): Promise<Origin> {
  const { train, clean } = run
  const model = train?.output.digest ?? `of run ${run.number}`
  const missing = (expected: string, found: string) =>
    failure('ORIGIN_MISSING', { pipeline: file.name, model: shortDigest(model), expected, found })
  if (train === null || clean === null) throw missing('a run that trained one', 'records of its stages are gone')
  const card = await readJson<ModelCard>(store, train.output)
  const dataset = clean.output
  const manifest = await readJson<DatasetManifest>(store, dataset)
  const plan = await planOf(store, file, run)
  if (typeof plan === 'string') throw missing(`the settings of ${plan}, kept or in the file as they were`, 'other ones')
  const { lineage } = manifest
  const found = await snapshotOf(store, lineage, clean.inputs.data)
  if (found === null) throw missing(`a snapshot of its offsets with the rows as they were`, 'none in the chain')
  const { chain, version } = found.snapshot
  const links = await openChain<SnapshotChange>({ store, chain }).entries({ upTo: version })
  const changes = links.map(({ entry }) => entry.change)
  const passedOver = changes.flatMap((change) => change.passedOver ?? [])
  const ranges = rangesInForce(changes)
  return { ...found, run, plan, model: train.output, card, dataset, manifest, ranges, passedOver }
}

/** A text: the stage whose settings are lost. */
async function planOf(store: Store, file: Plan, run: MadeRun): Promise<Plan | string> {
  const clean = await settings(store, file, run, 'clean')
  const train = await settings(store, file, run, 'train')
  const evaluate = run.evaluate === null ? settingsOf(file).evaluate : await settings(store, file, run, 'evaluate')
  if (clean === null || train === null || evaluate === null) {
    return clean === null ? 'clean' : train === null ? 'train' : 'evaluate'
  }
  const { checkpointEvery } = file.train
  return { ...file, ...evaluate, ...clean, train: { ...train.train, checkpointEvery } }
}

async function settings<S extends 'clean' | 'train' | 'evaluate'>(
  store: Store,
  file: Plan,
  run: MadeRun,
  stage: S,
): Promise<Settings[S] | null> {
  const digest = run[stage]?.inputs.recipe
  if (digest === undefined) return null
  const kept = (await keptRecipe(store, digest)) as Settings[S] | undefined
  return kept ?? (recipeOf(file)[stage] === digest ? settingsOf(file)[stage] : null)
}
