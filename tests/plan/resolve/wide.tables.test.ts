// Words for many columns at once: the plan is that of the long form, and what fits no column is refused by its path.
import { expect, test } from 'vitest'
import {
  column,
  definePipeline,
  encode,
  kafka,
  model,
  optimizer,
  type PipelineDefinition,
  predict,
  split,
} from '../../../index.ts'
import diagnosis from '../../../pipelines/diagnosis/pipeline.ts'
import digits from '../../../pipelines/digits-tabular/pipeline.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'

const number = column.number({ min: 0 })
const standard = encode.standardize()
const rest = {
  name: 'flats',
  owner: 'the agency',
  source: kafka('flats', { format: 'json' }),
  predict: predict.number('rent'),
  split: split.byHash('district', { train: 0.8, validate: 0.1, test: 0.1 }),
  train: { model: model.mlp({ hidden: [8] }), optimizer: optimizer.adam(), batch: 32, epochs: 2, seed: 1 },
  gates: [],
  approval: { ask: 'the agency', remind: '1 day', expire: '7 days' },
} as const
const columns = {
  id: column.id(),
  district: column.category({ top: 8 }),
  area: number,
  lift: column.flag(),
  rooms: number,
  heating: column.category(['gas', 'heat pump']),
  street: column.category(),
  owner: column.text({ maxBytes: 80, personal: 'hash' }),
  counts: number,
  rent: number,
}
const long = definePipeline({
  ...rest,
  columns,
  features: { area: standard, lift: encode.indicator(), rooms: standard, heating: encode.oneHot(), counts: standard },
})
const plan = resolvePipeline(long)
const { features: _, ...withoutFeatures } = long
const withFeatures = (features: object) => resolvePipeline({ ...withoutFeatures, features } as PipelineDefinition)

test('the examples have the plans of before', () => {
  expect(resolvePipeline(diagnosis).fingerprint).toBe(
    'b5d68caee45feeaeebe0a317d893cfbaebe7b363e630d70bcf5a68731f2dabdc',
  )
  expect(resolvePipeline(digits).fingerprint).toBe('dae3bae42c42db058ab8607812169f87c47d4c89786a62814f64a708193b3382')
})

test('each gives every name the word', () => {
  expect(column.each(['area', 'rooms'], number)).toEqual({ area: number, rooms: number })
  const lift = { lift: encode.indicator() }
  const given = encode.each(['area', 'lift', 'rooms'] as const, standard)
  const short = { ...given, ...lift, heating: encode.oneHot(), counts: standard }
  expect(withFeatures(short)).toEqual(plan)
})

test('kinds cover what a model may see', () => {
  const kinds = encode.byKind({ number: standard, flag: encode.indicator(), category: encode.oneHot() })
  expect(withFeatures(kinds)).toEqual(plan)
  expect(withFeatures(JSON.parse(JSON.stringify(kinds)))).toEqual(plan)
})

test('a word of its own stands before that of its kind', () => {
  const area = encode.standardize({ log: true })
  const { features } = withFeatures({ area, ...encode.byKind({ number: standard }), heating: encode.oneHot() })
  expect(features.map(({ column: name }) => name)).toEqual(['area', 'rooms', 'heating', 'counts'])
  expect(features[0]).toMatchObject({ encode: 'standardize', log: true })
})

test('none leaves a column out', () => {
  const { features } = withFeatures({ ...encode.byKind({ number: standard }), rooms: encode.none() })
  expect(features.map(({ column: name }) => name)).toEqual(['area', 'counts'])
})

test("the weight's column is no feature of its kind", () => {
  const train = { ...rest.train, weight: 'counts' }
  const { features } = resolvePipeline({ ...withoutFeatures, train, features: encode.byKind({ number: standard }) })
  expect(features.map(({ column: name }) => name)).toEqual(['area', 'rooms'])
})

test.each([
  [{ ...encode.byKind({ number: standard }), aera: standard }, 'features.aera'],
  [{ ...encode.byKind({ number: standard }), aera: encode.none() }, 'features.aera'],
  [{ ...encode.byKind({ number: standard }), rent: standard }, 'features.rent'],
  [{ area: standard, rooms: encode.none() }, 'features.rooms'],
  [encode.byKind({ numbers: encode.scale() }), 'features["every numbers"]'],
  [{ 'every nubmer': standard }, 'features["every nubmer"]'],
  [{ 'every flag': standard }, 'features.lift.encode'],
  [encode.byKind({}), 'features'],
])('%o is refused', (features, path) => {
  expect(() => withFeatures(features)).toThrow(expect.objectContaining({ facts: expect.objectContaining({ path }) }))
})

test('a name that stands twice is refused', () => {
  expect(() => column.each(['area', 'rooms', 'area'], number)).toThrow(/area twice/)
})

test('a logarithm is part of the plan where it is said', () => {
  const predicted = (word: object) => resolvePipeline({ ...long, predict: word } as PipelineDefinition).predict
  expect(predicted(predict.number('rent'))).toEqual({ task: 'number', column: 'rent' })
  expect(predicted(predict.number('rent', { log: false }))).toEqual({ task: 'number', column: 'rent' })
  expect(predicted(predict.number('rent', { log: true }))).toEqual({ task: 'number', column: 'rent', log: true })
  const path = (at: string) => expect.objectContaining({ facts: expect.objectContaining({ path: at }) })
  expect(() => predicted({ task: 'number', column: 'rent', log: 'yes' })).toThrow(path('predict.log'))
  expect(() => predicted({ task: 'probability', column: 'lift', log: true })).toThrow(path('predict.log'))
})
