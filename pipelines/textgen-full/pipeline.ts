// Go on writing like Moby-Dick, word by word: the full size. Half an hour and more on two cores; it reads the topic of textgen.
import { column, definePipeline, encode, gate, is, kafka, model, optimizer, predict, quarantine, split } from 'sluice'

export default definePipeline({
  name: 'textgen-full',
  owner: 'examples',
  source: kafka('passages', { format: 'json' }),
  columns: {
    id: column.id(),
    chapter: column.number({ min: 1 }),
    body: column.text({ maxBytes: 65_536 }),
  },
  rules: { 'longer than one window': quarantine.unless(is.longer('body', 64)) },
  features: { body: encode.words({ vocabulary: 1_000, context: 40 }) },
  predict: predict.next('body'),
  split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: {
    model: model.recurrent({ cell: 'gru', units: 1_024, embedding: 256, dropout: 0.3 }),
    optimizer: optimizer.adam({ rate: 1e-3 }),
    batch: 64,
    epochs: 20,
    patience: 2,
    seed: 7,
  },
  gates: [
    gate.atMost('perplexity', 60), // of 1,002 ids; nine epochs reach 43
    gate.notWorse('bitsPerCharacter', { by: 0.05 }),
  ],
  approval: { ask: 'the editors', remind: '1 day', expire: '14 days' },
  serve: { path: '/textgen-full' },
})
