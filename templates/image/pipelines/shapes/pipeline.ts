// Which shape is on this picture? 12 × 12 pixels, one of a few names to predict.
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, split, when } from 'sluice'

export default definePipeline({
  name: 'shapes',
  owner: 'the sorters',
  source: kafka('shapes', { format: 'json' }),
  columns: {
    id: column.id(), // an event that comes twice counts once
    image: column.numbers({ length: 144, min: 0, max: 255, integers: true }), // 12 rows of 12 pixels, 0 is black
    shape: column.category(['cross', 'frame', 'stripes']), // what is predicted; missing until a person has looked
  },
  rules: {
    'shape is known': drop.unless(is.present('shape')),
    'image is there': drop.unless(is.present('image')),
  },
  features: { image: encode.scale() },
  predict: predict.category('shape'),
  split: split.byHash('id', { train: 0.6, validate: 0.15, test: 0.25 }),
  train: {
    model: model.convolutional({ image: [12, 12, 1], filters: [8, 16], dense: [32] }),
    optimizer: optimizer.adam({ rate: 3e-3 }),
    batch: 32,
    epochs: 10,
    patience: 3,
    seed: 7,
  },
  gates: [gate.atLeast('accuracy', 0.85), gate.notWorse('accuracy', { by: 0.03 })],
  approval: { ask: 'the sorters', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(300)],
})
