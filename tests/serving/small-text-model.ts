// A small real model that predicts next tokens, promoted in a store through the real ledger.

import { appendLedger } from '../../lake/ledger.ts'
import { putJson, putObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { tokenIdsOf } from '../../ml/features/token-feature.ts'
import { goldenRows } from '../../ml/model/golden.ts'
import { loadModel, packModel } from '../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { initialWeights } from '../../ml/training/initial-weights.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import { batchOf } from '../clean/rows.ts'

const CONTEXT = 6
const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'body', kind: 'text', maxBytes: 1_000 },
]

export const TEXT_PLAN = {
  name: 'tales',
  source: { topic: 'tales', format: 'json' },
  columns: COLUMNS,
  predict: { task: 'next', column: 'body' },
  serve: { path: '/tales' },
} as unknown as Plan

const TRANSFORM: Transform = {
  kind: 'transform',
  width: CONTEXT + 1,
  features: [
    {
      column: 'body',
      encode: 'tokens',
      unit: 'characters',
      vocabulary: ['a', 'b', 'c', ' ', '.'],
      width: CONTEXT + 1,
      context: CONTEXT,
    },
  ],
}

/** Writes every object of a model with random weights and makes it the champion; returns the card's digest. */
export async function promoteTextModel(store: Store, seed: number): Promise<string> {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'cpu' })
  const { predict } = TEXT_PLAN
  const spec = { kind: 'recurrent', cell: 'gru', units: 5, layers: 1, embedding: 3, dropout: 0 } as const
  const architecture = architectureOf(spec, TRANSFORM.width, predict, tokenIdsOf(TRANSFORM))
  const weights = initialWeights(networkOf(architecture).weights, seed)
  const bytes = packModel(architecture, predict, { weights, averages: [] })
  const model = await loadModel(tf, bytes)
  const part = batchOf(
    COLUMNS,
    ['abc', 'a b c.', 'cc'].map((body, i) => ({ cells: { id: String(i), body }, partition: 0, offset: i, key: null })),
  )
  const golden = goldenRows(model, { part, columns: COLUMNS, transform: TRANSFORM })
  model.dispose()
  const card: ModelCard = {
    kind: 'model',
    pipeline: TEXT_PLAN.name,
    dataset: 'd'.repeat(64),
    predict,
    architecture,
    lineage: { source: { id: 's', clusterId: 'c', topic: 'tales', columns: 'e' }, coverage: [] },
    weights: await putObject(store, { kind: 'weights', extension: 'bin', bytes }),
    transform: await putJson(store, { kind: 'transforms', value: TRANSFORM }),
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
  const digest = (await putJson(store, { kind: 'models', value: card })).sha256
  await appendLedger(store, {
    pipeline: TEXT_PLAN.name,
    commitId: `promote-${digest}`,
    decide: ({ champion }) => ({
      kind: 'promoted',
      model: digest,
      evaluation: 'e',
      replaces: champion,
      by: 'ada',
      identity: 'stated',
      reason: 'test',
      at: new Date().toISOString(),
    }),
  })
  return digest
}
