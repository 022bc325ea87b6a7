// How many minutes will this delivery take? A row of columns, a number to predict.
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, split, when } from 'sluice'

export default definePipeline({
  name: 'delivery',
  owner: 'the couriers',
  source: kafka('deliveries', { format: 'json' }),
  columns: {
    id: column.id(), // an event that comes twice counts once
    distance: column.number({ unit: 'km', min: 0 }),
    weight: column.number({ unit: 'kg', min: 0 }),
    vehicle: column.category(['bike', 'car', 'van']),
    rain: column.flag(),
    minutes: column.number({ unit: 'min', min: 0 }), // what is predicted; missing until the parcel is there
  },
  rules: { 'parcel arrived': drop.unless(is.present('minutes')) },
  features: {
    distance: encode.standardize(),
    weight: encode.standardize(),
    vehicle: encode.oneHot(),
    rain: encode.indicator(),
  },
  predict: predict.number('minutes'),
  split: split.byHash('id', { train: 0.6, validate: 0.15, test: 0.25 }),
  train: {
    model: model.mlp({ hidden: [16] }),
    optimizer: optimizer.adam({ rate: 0.01 }),
    batch: 64,
    epochs: 60,
    patience: 8,
    seed: 7,
  },
  gates: [gate.atLeast('r2', 0.7), gate.atMost('mae', 10), gate.notWorse('rmse', { by: 2 })],
  approval: { ask: 'the couriers', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(500)],
})
