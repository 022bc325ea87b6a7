// Writes every object of a model that no training made.
import { putJson, putObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { GoldenRows, ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'

interface StoredModel extends Pick<ModelCard, 'architecture' | 'seed'> {
  readonly plan: Plan
  /** what packModel made */
  readonly bytes: Uint8Array
  readonly transform: Transform
  readonly golden: GoldenRows
}

/** → the card's digest */
export async function storeCard(store: Store, model: StoredModel): Promise<string> {
  const { plan, architecture, bytes, transform, golden, seed } = model
  const card: ModelCard = {
    kind: 'model',
    pipeline: plan.name,
    dataset: 'd'.repeat(64),
    predict: plan.predict,
    architecture,
    lineage: { source: { id: 's', clusterId: 'c', topic: plan.source.topic, columns: 'e' }, coverage: [] },
    weights: await putObject(store, { kind: 'weights', extension: 'bin', bytes }),
    transform: await putJson(store, { kind: 'transforms', value: transform }),
    golden: await putJson(store, { kind: 'golden', value: golden }),
    recipe: 'r',
    code: 'c',
    backend: { name: 'cpu', version: 'test', device: 'cpu' },
    seed,
    steps: 1,
    epochs: 1,
    bestEpoch: 1,
    validationLoss: 1,
  }
  return (await putJson(store, { kind: 'models', value: card })).sha256
}
