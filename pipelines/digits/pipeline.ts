// Which digit did somebody draw? MNIST images as events.
import {
  column,
  definePipeline,
  drop,
  encode,
  gate,
  is,
  kafka,
  model,
  optimizer,
  predict,
  quarantine,
  split,
  warn,
  when,
} from 'sluice'

export default definePipeline({
  name: 'digits',
  owner: 'examples',
  source: kafka('digits', { format: 'json' }),
  columns: {
    id: column.id(),
    image: column.numbers({ length: 784, min: 0, max: 255, integers: true }), // 28 rows of 28 pixels, 0 is paper
    digit: column.category(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
    drawnAt: column.time(),
  },
  rules: {
    'label is known': drop.unless(is.present('digit')), // drawn, but nobody has said yet what it is
    'image is there': quarantine.unless(is.present('image')),
    'time is known': warn.unless(is.present('drawnAt')),
  },
  features: { image: encode.scale() },
  predict: predict.category('digit'),
  split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: {
    model: model.mlp({ hidden: [256], dropout: 0.3 }),
    optimizer: optimizer.adam({ rate: 3e-3 }),
    batch: 256,
    epochs: 10, // reaches 0.976 on the test rows of the first batch
    patience: 3,
    seed: 7,
  },
  gates: [
    gate.atLeast('accuracy', 0.95), // below what it reaches: the whole interval must clear the limit
    gate.notWorse('accuracy', { by: 0.01 }),
    gate.atMost('calibrationError', 0.05),
  ],
  approval: { ask: 'the digits team', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(4_000), when.cron('0 5 * * MON', 'Europe/Berlin')],
  serve: { path: '/digits' },
})
