// How far will this patient's diabetes have progressed in a year? Ten measurements, one number to predict.
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, split, when } from 'sluice'

/** Blood serum, as a laboratory reports it. */
const serum = ['totalCholesterol', 'ldl', 'hdl', 'cholesterolRatio', 'logTriglycerides', 'glucose'] as const

export default definePipeline({
  name: 'diabetes',
  owner: 'the clinic',
  source: kafka('diabetes', { format: 'json' }),
  columns: {
    id: column.id(),
    age: column.number({ unit: 'years', min: 0, max: 120 }),
    sex: column.category(['1', '2']), // the data set does not say which is which
    bmi: column.number({ unit: 'kg/m²', min: 0 }),
    bloodPressure: column.number({ unit: 'mmHg', min: 0 }),
    ...column.each(serum, column.number({ min: 0 })),
    progression: column.number({ min: 0 }), // one year after the measurements, 25 to 346
  },
  rules: { 'progression is known': drop.unless(is.present('progression')) }, // the year is not over yet
  features: encode.byKind({ number: encode.standardize(), category: encode.oneHot() }),
  predict: predict.number('progression'), // scaled for training; answers, metrics and gates are in its own unit
  split: split.byHash('id', { train: 0.6, validate: 0.15, test: 0.25 }),
  train: {
    model: model.mlp({ hidden: [] }), // a linear model: 442 rows carry no more
    optimizer: optimizer.adam({ rate: 0.01 }),
    batch: 32,
    epochs: 100,
    patience: 10,
    seed: 7,
  },
  gates: [
    gate.atLeast('r2', 0), // what the mean alone has; a hundred test rows leave ±0.26 around 0.38
    gate.atMost('mae', 60), // the mean alone has 63
    gate.notWorse('rmse', { by: 10 }),
  ],
  approval: { ask: 'the diabetologists', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(50)],
})
