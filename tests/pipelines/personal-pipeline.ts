// A pipeline with personal columns, typed as a user types it.
import { column, definePipeline, encode, kafka, model, optimizer, predict, split } from '../../index.ts'

export const pipeline = definePipeline({
  name: 'persons',
  owner: 'tests',
  source: kafka('persons', { format: 'json' }),
  columns: {
    id: column.id({ personal: 'hash' }),
    note: column.text({ maxBytes: 100, personal: 'drop' }),
    x: column.number(),
    bought: column.flag(),
  },
  features: { x: encode.standardize() },
  predict: predict.probability('bought'),
  split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: { model: model.mlp({ hidden: [] }), optimizer: optimizer.adam(), batch: 16, epochs: 1, seed: 1 },
  gates: [],
  approval: { ask: 'tests', remind: '1 day', expire: '7 days' },
})
