// Does this sentence praise the film? Sentences of reviews as words.
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
  name: 'sentiment',
  owner: 'examples',
  source: kafka('reviews', { format: 'json' }),
  columns: {
    id: column.id(),
    sentence: column.text({ maxBytes: 4_096 }),
    opinion: column.category(['negative', 'positive']),
    rating: column.number({ min: -4, max: 4 }), // what the opinion was made from: no feature
  },
  rules: {
    'opinion is known': drop.unless(is.present('opinion')),
    'says something': quarantine.unless(is.longer('sentence', 3)),
  },
  features: { sentence: encode.words({ vocabulary: 5_000, length: 40 }) },
  predict: predict.category('opinion'),
  split: split.byHash('id', { train: 0.7, validate: 0.1, test: 0.2 }),
  train: {
    model: model.textClassifier({ embedding: 32, pooling: 'attention', dropout: 0.5 }),
    optimizer: optimizer.adam({ rate: 2e-3 }),
    batch: 64,
    epochs: 20,
    patience: 3,
    seed: 7,
  },
  gates: [gate.atLeast('accuracy', 0.7), gate.notWorse('accuracy', { by: 0.03 })],
  approval: { ask: 'the film desk', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(1_000)],
  serve: { path: '/sentiment' },
})
