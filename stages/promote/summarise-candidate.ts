// The approver's summary of a candidate, from what the store holds of it and of the champion.
import { readLedger } from '../../lake/ledger.ts'
import { changedWords, keptRecipe } from '../../lake/memo.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { DatasetManifest } from '../../schemas/dataset.ts'
import { objectKey } from '../../schemas/ids.ts'
import { cameLive, rollbackWords } from '../../schemas/ledger.ts'
import type { SnapshotRef } from '../../schemas/manifest.ts'
import type { ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import { showTime } from '../../schemas/point-in-time.ts'
import type { Evaluation, EvaluationRef } from '../../schemas/verdict.ts'
import { buildSummary, type ChangedWords, type RolledBack, type Version } from './summary.ts'

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
  const rollback = await rollbackBefore(store, plan.name, candidate)
  return buildSummary({
    plan,
    snapshot,
    evaluation,
    candidate,
    champion: before,
    ...(rollback !== null && { rollback }),
    ...(before !== null && { words: await wordsChanged(store, before, candidate) }),
  })
}

/** The rollback by which the champion came back, which the gates of the next candidate know nothing of; null: it was approved. */
async function rollbackBefore(store: Store, pipeline: string, { card }: Version): Promise<RolledBack | null> {
  const live = cameLive((await readLedger(store, pipeline)).entries)
  if (live?.kind !== 'rolledBack') return null
  const words = `${rollbackWords(live)}, ${showTime(Date.parse(live.at))}`
  const gone = await readJson<ModelCard>(store, { key: cardKey(live.replaces), sha256: live.replaces }).catch(
    () => null,
  )
  const shared = [
    ...(gone?.recipe === card.recipe ? ['the settings'] : []),
    ...(gone?.code === card.code ? ['the code'] : []),
    ...(gone?.dataset === card.dataset ? ['the rows'] : []),
  ]
  return { words, shares: shared.length === 0 ? null : shared.join(' and ') }
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
