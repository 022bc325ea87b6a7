// Is this mail spam? Its subject and first lines as words.
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
  name: 'spam',
  owner: 'the postmaster',
  source: kafka('mails', { format: 'json' }),
  columns: {
    id: column.id(),
    text: column.text({ maxBytes: 8_192 }),
    spam: column.flag(), // as a person judged it
  },
  rules: {
    'judgement is known': drop.unless(is.present('spam')),
    'says something': quarantine.unless(is.longer('text', 20)),
  },
  features: { text: encode.words({ vocabulary: 2_000, length: 64 }) },
  predict: predict.probability('spam'),
  split: split.byHash('id', { train: 0.7, validate: 0.1, test: 0.2 }),
  train: {
    model: model.textClassifier({ embedding: 32, hidden: [16], dropout: 0.3 }),
    optimizer: optimizer.adam({ rate: 3e-3 }),
    batch: 32,
    epochs: 20,
    patience: 3,
    seed: 7,
  },
  gates: [
    gate.atLeast('auc', 0.95),
    gate.atLeast('precision', 0.85), // a lost mail costs more than one spam too many
    gate.notWorse('auc', { by: 0.02 }),
  ],
  approval: { ask: 'the postmaster', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(500)],
  serve: { path: '/spam' },
})
