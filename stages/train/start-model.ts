// Which model a training begins with: the champion, if the plan says so and there is one.
import { digestOf } from '../../core/digest.ts'
import { weightSettings } from '../../core/weight-settings.ts'
import { readLedger } from '../../lake/ledger.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Transform } from '../../schemas/dataset.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Plan, PredictSpec } from '../../schemas/plan.ts'

/**
 * → digest of the model, or null. A champion that came from this very dataset, recipe and code is not improved on by itself: the training
 * that made it is named again, so that it is found done and nothing new is proposed. Nor is there one where a number was learnt as it is,
 * or without its logarithm, and is now learnt otherwise: its weights would answer in another unit.
 */
export async function startModel(
  store: Store,
  { plan, dataset, code }: { readonly plan: Plan; readonly dataset: string; readonly code: string },
): Promise<string | null> {
  if (plan.train.from !== 'champion') return null
  const { champion } = (await readLedger(store, plan.name)).state
  if (champion === null) return null
  const card = await readJson<ModelCard>(store, { key: objectKey('models', champion, 'json'), sha256: champion })
  const recipe = digestOf(weightSettings(plan.train))
  if (!(await answersOnThisScale(store, card, plan.predict))) return null
  const same = card.dataset === dataset && card.recipe === recipe && card.code === code
  return same ? (card.start ?? null) : champion
}

async function answersOnThisScale(store: Store, card: ModelCard, predict: PredictSpec): Promise<boolean> {
  if (predict.task !== 'number') return true
  const { label } = await readJson<Transform>(store, card.transform)
  return label !== undefined && label.log === (predict.log ?? false)
}
