// Go on writing like Moby-Dick, one character at a time: a small model that learns in minutes.
import {
  column,
  definePipeline,
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
  name: 'textgen',
  owner: 'examples',
  source: kafka('passages', { format: 'json' }),
  columns: {
    id: column.id(),
    chapter: column.number({ min: 1 }),
    body: column.text({ maxBytes: 65_536 }),
  },
  rules: { 'longer than one window': quarantine.unless(is.longer('body', 64)) },
  features: { body: encode.characters({ alphabet: 96, context: 64 }) },
  predict: predict.next('body'),
  split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: {
    model: model.recurrent({ cell: 'gru', units: 256, embedding: 64 }),
    optimizer: optimizer.adam({ rate: 3e-3 }),
    batch: 64,
    epochs: 8,
    patience: 2,
    seed: 7,
  },
  gates: [
    gate.atMost('bitsPerCharacter', 2.4), // it reaches 2.2; letters drawn by their frequency alone cost 4.4
    gate.notWorse('bitsPerCharacter', { by: 0.05 }),
  ],
  approval: { ask: 'the editors', remind: '1 day', expire: '14 days' },
  retrain: [when.rows(500)],
  serve: { path: '/textgen' },
})
