// Is this breast mass malignant? Measurements of cell nuclei, thirty numbers a patient.
import {
  column,
  definePipeline,
  drop,
  encode,
  fail,
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

/** Of the nuclei of an image. */
const means = [
  'radiusMean',
  'textureMean',
  'perimeterMean',
  'areaMean',
  'smoothnessMean',
  'compactnessMean',
  'concavityMean',
  'concavePointsMean',
  'symmetryMean',
  'fractalDimensionMean',
] as const
/** Standard errors of the means. */
const errors = [
  'radiusError',
  'textureError',
  'perimeterError',
  'areaError',
  'smoothnessError',
  'compactnessError',
  'concavityError',
  'concavePointsError',
  'symmetryError',
  'fractalDimensionError',
] as const
/** Means of the three largest. */
const worst = [
  'radiusWorst',
  'textureWorst',
  'perimeterWorst',
  'areaWorst',
  'smoothnessWorst',
  'compactnessWorst',
  'concavityWorst',
  'concavePointsWorst',
  'symmetryWorst',
  'fractalDimensionWorst',
] as const

export default definePipeline({
  name: 'diagnosis',
  owner: 'the clinic',
  source: kafka('diagnoses', { format: 'json' }),
  columns: {
    id: column.id(),
    // lengths, areas and ratios: the data set states no units, but none can be negative
    ...column.each([...means, ...errors, ...worst], column.number({ min: 0 })),
    malignant: column.flag(), // from the biopsy
  },
  rules: {
    'diagnosis is known': drop.unless(is.present('malignant')), // the laboratory has not answered yet
    'nucleus was measured': quarantine.unless(is.between('radiusMean', 1, 100)), // 0 comes from a failed segmentation
    'measurements are complete': fail.unless(is.present('areaWorst', { mostly: 0.95 })),
  },
  features: encode.byKind({ number: encode.standardize() }),
  predict: predict.probability('malignant'),
  split: split.byHash('id', { train: 0.6, validate: 0.15, test: 0.25 }),
  train: {
    model: model.mlp({ hidden: [] }), // logistic regression: 569 rows carry no more
    optimizer: optimizer.adam({ rate: 0.01 }),
    batch: 32,
    epochs: 100,
    patience: 10,
    seed: 7,
  },
  gates: [
    gate.atLeast('auc', 0.9), // the model reaches 0.99; with a hundred test rows the interval is that wide
    gate.atLeast('recall', 0.75), // of the malignant ones
    gate.notWorse('auc', { by: 0.05 }),
  ],
  approval: { ask: 'the tumour board', remind: '1 day', expire: '7 days' },
  retrain: [when.rows(100)],
  serve: { path: '/diagnosis' },
})
