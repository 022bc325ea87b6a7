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

/** Lengths, areas and ratios: the data set states no units, but none can be negative. */
const measure = column.number({ min: 0 })
const standard = encode.standardize()

export default definePipeline({
  name: 'diagnosis',
  owner: 'the clinic',
  source: kafka('diagnoses', { format: 'json' }),
  columns: {
    id: column.id(),
    // mean over the nuclei of the image
    radiusMean: measure,
    textureMean: measure,
    perimeterMean: measure,
    areaMean: measure,
    smoothnessMean: measure,
    compactnessMean: measure,
    concavityMean: measure,
    concavePointsMean: measure,
    symmetryMean: measure,
    fractalDimensionMean: measure,
    // standard error
    radiusError: measure,
    textureError: measure,
    perimeterError: measure,
    areaError: measure,
    smoothnessError: measure,
    compactnessError: measure,
    concavityError: measure,
    concavePointsError: measure,
    symmetryError: measure,
    fractalDimensionError: measure,
    // mean of the three largest
    radiusWorst: measure,
    textureWorst: measure,
    perimeterWorst: measure,
    areaWorst: measure,
    smoothnessWorst: measure,
    compactnessWorst: measure,
    concavityWorst: measure,
    concavePointsWorst: measure,
    symmetryWorst: measure,
    fractalDimensionWorst: measure,
    malignant: column.flag(), // from the biopsy
  },
  rules: {
    'diagnosis is known': drop.unless(is.present('malignant')), // the laboratory has not answered yet
    'nucleus was measured': quarantine.unless(is.between('radiusMean', 1, 100)), // 0 comes from a failed segmentation
    'measurements are complete': fail.unless(is.present('areaWorst', { mostly: 0.95 })),
  },
  features: {
    radiusMean: standard,
    textureMean: standard,
    perimeterMean: standard,
    areaMean: standard,
    smoothnessMean: standard,
    compactnessMean: standard,
    concavityMean: standard,
    concavePointsMean: standard,
    symmetryMean: standard,
    fractalDimensionMean: standard,
    radiusError: standard,
    textureError: standard,
    perimeterError: standard,
    areaError: standard,
    smoothnessError: standard,
    compactnessError: standard,
    concavityError: standard,
    concavePointsError: standard,
    symmetryError: standard,
    fractalDimensionError: standard,
    radiusWorst: standard,
    textureWorst: standard,
    perimeterWorst: standard,
    areaWorst: standard,
    smoothnessWorst: standard,
    compactnessWorst: standard,
    concavityWorst: standard,
    concavePointsWorst: standard,
    symmetryWorst: standard,
    fractalDimensionWorst: standard,
  },
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
