// What must not compile of words for many columns at once: each marked line is an error, or this file does not pass the check of types.
import { column, definePipeline, encode, gate, kafka, model, optimizer, predict, split } from '../../../index.ts'

const valid = {
  name: 'flats',
  owner: 'the agency',
  source: kafka('flats', { format: 'json' }),
  columns: {
    id: column.id(),
    ...column.each(['area', 'rooms', 'age'], column.number({ min: 0 })),
    ...column.each(['lift', 'garden'], column.flag()),
    ...column.each(['heating', 'windows'], column.category(['old', 'new'])),
    district: column.category(),
    rent: column.number({ unit: 'EUR' }),
  },
  predict: predict.number('rent'),
  split: split.byHash('id', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: { model: model.mlp({ hidden: [8] }), optimizer: optimizer.adam(), batch: 32, epochs: 2, seed: 1 },
  gates: [gate.atMost('rmse', 100)],
  approval: { ask: 'the agency', remind: '1 day', expire: '7 days' },
} as const
const standard = encode.standardize()

// ── everything that may be said
definePipeline({ ...valid, features: encode.each(['area', 'rooms'], standard) })
definePipeline({ ...valid, features: { ...encode.each(['area', 'rooms'], standard), lift: encode.indicator() } })
definePipeline({ ...valid, features: encode.byKind({ number: standard, flag: encode.indicator() }) })
definePipeline({
  ...valid,
  features: {
    ...encode.byKind({ number: standard, flag: encode.indicator(), category: encode.oneHot() }),
    area: encode.standardize({ log: true }),
    lift: encode.none(),
  },
})
definePipeline({
  ...valid,
  predict: predict.category('heating'),
  features: encode.byKind({ number: standard }),
  gates: [],
})

definePipeline({
  ...valid,
  predict: predict.number('rent', { log: true }),
  features: encode.byKind({ number: standard }),
})

// ── many columns
const named = {
  // @ts-expect-error "aera" is no column
  a: () => definePipeline({ ...valid, features: encode.each(['aera', 'rooms'], standard) }),
  // @ts-expect-error nor is it in a spread
  b: () => definePipeline({ ...valid, features: { ...encode.each(['aera', 'rooms'], standard) } }),
  // @ts-expect-error nor beside one
  c: () => definePipeline({ ...valid, features: { ...encode.each(['rooms'], standard), aera: standard } }),
  // @ts-expect-error a number's encoding on flags
  d: () => definePipeline({ ...valid, features: { ...encode.each(['lift', 'garden'], standard) } }),
  // @ts-expect-error the label is not a feature
  e: () => definePipeline({ ...valid, features: { ...encode.each(['area', 'rent'], standard) } }),
  // @ts-expect-error "rnet" is no column
  f: () => definePipeline({ ...valid, predict: predict.number('rnet'), features: encode.byKind({ number: standard }) }),
  // @ts-expect-error a flag is no number
  g: () => definePipeline({ ...valid, predict: predict.number('lift'), features: encode.byKind({ number: standard }) }),
  // @ts-expect-error "logarithm" is no option
  j: () => predict.number('rent', { logarithm: true }),
  // @ts-expect-error the logarithm of a flag
  k: () => predict.probability('lift', { log: true }),
  // @ts-expect-error no encoding is a column
  h: () => column.each(['a'], encode.standardize()),
  // @ts-expect-error no column is an encoding
  i: () => encode.each(['a'], column.number()),
}

// ── kinds
const kinds = {
  // @ts-expect-error a number's encoding on flags
  a: () => encode.byKind({ flag: encode.standardize() }),
  // @ts-expect-error no such kind
  b: () => encode.byKind({ numeric: encode.standardize() }),
  // @ts-expect-error "aera" is no column
  c: () => definePipeline({ ...valid, features: { ...encode.byKind({ number: standard }), aera: standard } }),
  // @ts-expect-error an encoding that does not fit its column
  d: () => definePipeline({ ...valid, features: { ...encode.byKind({ number: standard }), lift: standard } }),
  // @ts-expect-error "lfit" is no column
  e: () => definePipeline({ ...valid, features: { ...encode.byKind({ number: standard }), lfit: encode.none() } }),
  // @ts-expect-error the label is no feature to begin with
  f: () => definePipeline({ ...valid, features: { ...encode.byKind({ number: standard }), rent: encode.none() } }),
  // @ts-expect-error a category without values has no width
  g: () => definePipeline({ ...valid, features: { ...encode.byKind({}), district: encode.oneHot() } }),
  // @ts-expect-error every text has the same length, not a context
  h: () => encode.byKind({ text: encode.words({ vocabulary: 10, context: 4 }) }),
}

export const wrong = { named, kinds }
