// A small real model in a store: three flowers by two numbers, promoted through the real ledger.

import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { parseRow } from '../../ml/features/request.ts'
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

export const COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', kind: 'id' },
  { name: 'petal', kind: 'number', unit: 'cm', min: 0, max: 50 },
  { name: 'soil', kind: 'category', values: ['sand', 'loam'] },
  { name: 'flower', kind: 'category', values: ['iris', 'rose', 'tulip'] },
]

export const PLAN = {
  name: 'flowers',
  source: { topic: 'flowers', format: 'json' },
  columns: COLUMNS,
  predict: { task: 'category', column: 'flower', classes: ['iris', 'rose', 'tulip'] },
  serve: { path: '/flowers' },
} as unknown as Plan

export const ROWS = [
  { petal: 1.5, soil: 'sand' },
  { petal: 4.25, soil: 'loam' },
  { petal: 7, soil: 'sand' },
] as const

const TRANSFORM: Transform = {
  kind: 'transform',
  width: 3,
  features: [
    { column: 'petal', encode: 'affine', log: false, fill: 3, low: 0, high: 10, offset: 3, factor: 0.5, width: 1 },
    { column: 'soil', encode: 'oneHot', values: ['sand', 'loam'], other: false, width: 2 },
  ],
}

export interface StoreModel {
  readonly store: Store
  /** another seed, another model */
  readonly seed: number
  /** changes the golden rows before they are stored, e.g. to ones that the model does not repeat */
  readonly spoil?: (golden: GoldenRows) => GoldenRows
}

/** Writes every object of a model; returns the card's digest. */
export async function storeModel({ store, seed, spoil = (golden) => golden }: StoreModel): Promise<string> {
  const { tf } = await openBackend({ prefer: 'cpu', device: 'cpu' })
  const architecture = architectureOf({ kind: 'mlp', hidden: [4], activation: 'tanh', dropout: 0 }, 3, PLAN.predict)
  const bytes = packModel(architecture, PLAN.predict, {
    weights: initialWeights(networkOf(architecture).weights, seed),
    averages: [],
  })
  const { applyRow } = compileTransform(TRANSFORM)
  const inputs = ROWS.map((row) => applyRow(parseRow(COLUMNS, TRANSFORM, row)))
  const model = await loadModel(tf, bytes)
  const outputs = inputs.map((input) => [...model.predict(input)])
  model.dispose()
  const golden: GoldenRows = { kind: 'golden', rows: ROWS, inputs: inputs.map((i) => [...i]), outputs, tolerance: 1e-4 }
  const stored = { plan: PLAN, architecture, bytes, transform: TRANSFORM, golden: spoil(golden), seed }
  return await storeCard(store, stored)
}

/** Makes `model` the champion of its pipeline. */
export const promoteFlowers = (store: Store, model: string) => promoteModel(store, { pipeline: PLAN.name, model })
