// Which digit is it? All of MNIST's training images, read by convolutions: more accurate than `digits`, and longer to train.
import { column, definePipeline, drop, encode, gate, is, kafka, model, optimizer, predict, split, when } from 'sluice'

export default definePipeline({
  name: 'digits-images',
  owner: 'examples',
  source: kafka('digits-images', { format: 'json' }),
  columns: {
    id: column.id(),
    image: column.numbers({ length: 784, min: 0, max: 255, integers: true }), // 28 rows of 28 pixels, 0 is paper
    digit: column.category(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
    drawnAt: column.time(),
  },
  rules: {
    'label is known': drop.unless(is.present('digit')),
    'image is there': drop.unless(is.present('image')),
  },
  features: { image: encode.scale() },
  predict: predict.category('digit'),
  split: split.byHash('id', { train: 0.9, validate: 0.05, test: 0.05 }),
  train: {
    model: model.convolutional({
      image: [28, 28, 1],
      filters: [16, 32, 64], // 28 × 28 → 14 × 14 → 7 × 7 → 3 × 3
      dense: [128],
      dropout: 0.3,
      batchNorm: true,
    }),
    optimizer: optimizer.adam({ rate: 2e-3, decay: { kind: 'cosine', to: 2e-5 } }),
    batch: 128,
    epochs: 12,
    seed: 7,
  },
  gates: [
    gate.atLeast('accuracy', 0.985), // of 3,000 test rows: the whole interval must clear the limit
    gate.notWorse('accuracy', { by: 0.005 }),
    gate.atMost('calibrationError', 0.02),
  ],
  approval: { ask: 'the digits team', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(10_000)],
  serve: { path: '/digits-images' },
})
