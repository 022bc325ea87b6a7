// Which team should read this ticket? A text, one of a few names to predict.
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
  when,
} from 'sluice'

export default definePipeline({
  name: 'tickets',
  owner: 'the help desk',
  source: kafka('tickets', { format: 'json' }),
  columns: {
    id: column.id(), // an event that comes twice counts once
    text: column.text({ maxBytes: 8_192 }),
    team: column.category(['billing', 'delivery', 'account']), // what is predicted; missing until a person has sorted it
  },
  rules: {
    'team is known': drop.unless(is.present('team')),
    'says something': quarantine.unless(is.longer('text', 10)),
  },
  features: { text: encode.words({ vocabulary: 500, length: 24 }) },
  predict: predict.category('team'),
  split: split.byHash('id', { train: 0.6, validate: 0.15, test: 0.25 }),
  train: {
    model: model.textClassifier({ embedding: 16, hidden: [16] }),
    optimizer: optimizer.adam({ rate: 5e-3 }),
    batch: 32,
    epochs: 15,
    patience: 3,
    seed: 7,
  },
  gates: [gate.atLeast('accuracy', 0.75), gate.notWorse('accuracy', { by: 0.05 })],
  approval: { ask: 'the help desk', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(300)],
})
