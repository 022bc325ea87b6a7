// A small real model of a number, with columns of the kinds in which requests and events could differ; promoted through the real ledger.
import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { compileRequest } from '../../ml/features/request.ts'
import { compileTransform } from '../../ml/features/transform.ts'
import { loadModel, packModel } from '../../ml/model/model.ts'
import { architectureOf, networkOf } from '../../ml/networks/open.ts'
import { initialWeights } from '../../ml/training/initial-weights.ts'
import type { ColumnSpec } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import { promoteModel } from '../lake/promote-model.ts'
import { storeCard } from './store-card.ts'

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'amount', kind: 'number', from: 'order.amount' },
  { name: 'account', kind: 'category', top: 2 },
  { name: 'wave', kind: 'numbers', length: 2, min: -1e300, max: 1e300, integers: false },
  { name: 'price', kind: 'number' },
]

export const PRICE_PLAN = {
  name: 'prices',
  source: { topic: 'prices', format: 'json' },
  columns: COLUMNS,
  predict: { task: 'number', column: 'price' },
  serve: { path: '/prices' },
} as unknown as Plan

/** amount; account: 2^53 + 1, "b", other; wave */
const TRANSFORM: Transform = {
  kind: 'transform',
  width: 6,
  features: [
    {
      column: 'amount',
      encode: 'affine',
      log: false,
      fill: 0,
      low: -1e308,
      high: 1e308,
      offset: 0,
      factor: 1,
      width: 1,
    },
    { column: 'account', encode: 'oneHot', values: ['9007199254740993', 'b'], other: true, width: 3 },
    { column: 'wave', encode: 'elements', offset: 0, factor: 1, width: 2 },
  ],
}

/** price = 1e30 · amount + 1, 2 or 3 by account + both of wave: beyond 32-bit floats from an amount of 3.4e8 on. */
const WEIGHTS = [1e30, 1, 2, 3, 1, 1]

const ROWS = [{ amount: 0, account: 'b', wave: [0, 0] }, {}]

/** Writes every object of the model and makes it the champion; returns the card's digest. Its second golden row holds nothing but a list. */
export async function promotePriceModel(store: Store): Promise<string> {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'cpu' })
  const { predict } = PRICE_PLAN
  const network = { kind: 'mlp', hidden: [], activation: 'tanh', dropout: 0 } as const
  const architecture = architectureOf(network, TRANSFORM.width, predict)
  const [kernel, bias] = initialWeights(networkOf(architecture).weights, 1)
  const weights = [
    { ...kernel!, values: Float32Array.from(WEIGHTS) },
    { ...bias!, values: Float32Array.of(0) },
  ]
  const bytes = packModel(architecture, predict, { weights, averages: [] })
  const model = await loadModel(tf, bytes)
  const rows = ROWS.map((row) => ({ wave: [0, 0], ...row }))
  const { fields } = compileRequest(COLUMNS, TRANSFORM)
  const inputs = rows.map((row) => compileTransform(TRANSFORM).applyRow(fields(row)))
  const outputs = inputs.map((input) => [...model.predict(input)])
  model.dispose()
  const golden: GoldenRows = { kind: 'golden', rows, inputs: inputs.map((i) => [...i]), outputs, tolerance: 1e-4 }
  const stored = { plan: PRICE_PLAN, architecture, bytes, transform: TRANSFORM, golden, seed: 1 }
  const digest = await storeCard(store, stored)
  await promoteModel(store, { pipeline: PRICE_PLAN.name, model: digest })
  return digest
}
