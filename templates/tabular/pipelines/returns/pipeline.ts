// Will this order be sent back? A row of columns, a yes or no to predict.
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, split, when } from 'sluice'

export default definePipeline({
  name: 'returns',
  owner: 'the shop',
  source: kafka('returns', { format: 'json' }),
  columns: {
    id: column.id(), // an event that comes twice counts once
    country: column.category({ top: 20 }),
    price: column.number({ unit: 'EUR', min: 0 }),
    items: column.number({ min: 1 }),
    express: column.flag(),
    returned: column.flag(), // what is predicted; missing while nobody knows
  },
  rules: { 'label is known': drop.unless(is.present('returned')) },
  features: {
    country: encode.oneHot(),
    price: encode.standardize(),
    items: encode.standardize(),
    express: encode.indicator(),
  },
  predict: predict.probability('returned'),
  split: split.byHash('id', { train: 0.6, validate: 0.15, test: 0.25 }),
  train: {
    model: model.mlp({ hidden: [16] }),
    optimizer: optimizer.adam({ rate: 0.01 }),
    batch: 64,
    epochs: 30,
    patience: 5,
    seed: 7,
  },
  gates: [gate.atLeast('auc', 0.75), gate.notWorse('auc', { by: 0.05 })],
  approval: { ask: 'the shop', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(500)],
})
