// A small real model that predicts next tokens, promoted in a store through the real ledger.

import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { tokenIdsOf } from '../../ml/features/token-feature.ts'
import { goldenRows } from '../../ml/model/golden.ts'
import { loadModel, packModel } from '../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { initialWeights } from '../../ml/training/initial-weights.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { Plan } from '../../schemas/plan.ts'
import { batchOf } from '../clean/rows.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { storeCard } from './store-card.ts'

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
  const stored = { plan: TEXT_PLAN, architecture, bytes, transform: TRANSFORM, golden, seed }
  const digest = await storeCard(store, stored)
  await promoteModel(store, { pipeline: TEXT_PLAN.name, model: digest })
  return digest
}
