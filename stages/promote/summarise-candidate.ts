// The approver's summary of a candidate, from what the store holds of it and of the champion.
import { changedWords, keptRecipe } from '../../lake/memo.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { DatasetManifest } from '../../schemas/dataset.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { SnapshotRef } from '../../schemas/manifest.ts'
import type { ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { Evaluation, EvaluationRef } from '../../schemas/verdict.ts'
import { buildSummary, type ChangedWords, type Version } from './summary.ts'

export interface SummaryInput {
  readonly plan: Plan
  /** null: not known any more */
  readonly snapshot: SnapshotRef | null
  readonly model: ModelRef
  readonly evaluation: EvaluationRef
}

/** Markdown. */
export async function summarise(
  store: Store,
  { plan, snapshot, model, evaluation: { key, sha256, champion } }: SummaryInput,
): Promise<string> {
  const evaluation = await readJson<Evaluation>(store, { key, sha256 })
  const candidate = await readVersion(store, model.digest)
  const before = champion === null ? null : await readVersion(store, champion)
  return buildSummary({
    plan,
    snapshot,
    evaluation,
    candidate,
    champion: before,
    ...(before !== null && { words: await wordsChanged(store, before, candidate) }),
  })
}

/** From the champion's settings to the candidate's: the plan may be a later one, where the question is asked again. */
async function wordsChanged(store: Store, before: Version, now: Version): Promise<ChangedWords> {
  return {
    data: await wordsBetween(store, before.dataset.recipe, now.dataset.recipe),
    training: await wordsBetween(store, before.card.recipe, now.card.recipe),
  }
}

async function wordsBetween(store: Store, earlier: string, later: string): Promise<string | null> {
  const settings = await keptRecipe(store, later)
  return settings === undefined ? null : await changedWords(store, earlier, settings)
}

/** Where the card of a model lies. */
export const cardKey = (digest: string): string => objectKey('models', digest, 'json')

/** The model's card and the manifest of its dataset, both verified. */
async function readVersion(store: Store, digest: string): Promise<Version> {
  const card = await readJson<ModelCard>(store, { key: cardKey(digest), sha256: digest })
  const key = objectKey('datasets', card.dataset, 'json')
  return { digest, card, dataset: await readJson<DatasetManifest>(store, { key, sha256: card.dataset }) }
}
