// Which digit is it, by ten numbers alone? A table of real data for the smallest useful network: 10 inputs, 5 hidden units, 10 classes.
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, split, when } from 'sluice'

/** wave<down><across>: the image's coarsest waves, see coefficients.ts */
const waves = [
  'wave00',
  'wave01',
  'wave02',
  'wave03',
  'wave10',
  'wave11',
  'wave12',
  'wave20',
  'wave21',
  'wave30',
] as const

export default definePipeline({
  name: 'digits-tabular',
  owner: 'examples',
  source: kafka('digits-tabular', { format: 'json' }),
  columns: {
    id: column.id(),
    ...column.each(waves, column.number({ unit: 'grey levels' })),
    digit: column.category(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
  },
  rules: { 'label is known': drop.unless(is.present('digit')) },
  features: encode.each(waves, encode.standardize()),
  predict: predict.category('digit'),
  split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: {
    model: model.mlp({ hidden: [5] }),
    optimizer: optimizer.adam({ rate: 0.001 }),
    batch: 32,
    epochs: 100,
    seed: 7,
  },
  gates: [
    gate.atLeast('accuracy', 0.65), // five hidden units reach 0.73 by ten waves, guessing 0.1
    gate.notWorse('accuracy', { by: 0.02 }),
    gate.atMost('calibrationError', 0.08),
  ],
  approval: { ask: 'the digits team', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(10_000)],
  serve: { path: '/digits-tabular' },
})
