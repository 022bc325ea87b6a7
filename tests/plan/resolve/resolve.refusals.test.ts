// What resolvePipeline refuses, each with its path: the same as the types refuse, and the numbers that types cannot see.
import { expect, test } from 'vitest'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import { isFailure } from '../../../schemas/failures.ts'
import { small } from '../../fixtures/pipelines/definitions.ts'

type Json = Record<string, unknown>
const base = JSON.parse(JSON.stringify(small)) as Json

/** The definition with one value replaced; undefined deletes it. Keys of the path are separated by "/". */
function change(path: string, value: unknown): Json {
  const copy = structuredClone(base)
  const keys = path.split('/')
  const last = keys.pop()!
  let inner = copy
  for (const key of keys) {
    inner[key] ??= {}
    inner = inner[key] as Json
  }
  if (value === undefined) delete inner[last]
  else inner[last] = value
  return copy
}

function refusal(definition: unknown): { path: string; text: string } {
  try {
    resolvePipeline(definition as never)
  } catch (error) {
    if (isFailure(error, 'PIPELINE_INVALID')) return { path: String(error.facts.path), text: error.message }
    throw error
  }
  return { path: 'accepted', text: '' }
}

const rule = (unless: Json, action = 'drop') => ({ action, unless })

/** [what is changed, to what, path of the refusal if it is another one, part of the message] */
const REFUSALS: readonly (readonly [string, unknown, string?, string?])[] = [
  ['name', 'Churn'],
  ['name', 'churn-'],
  ['name', undefined],
  ['owner', ' '],
  ['gatess', [], 'gatess', 'one of name'],
  ['source/topic', '..', 'source.topic'],
  ['source/topic', 'a b', 'source.topic'],
  ['source/format', 'csv', 'source.format'],
  ['source/format', 'avro', 'source.schema'],
  ['source/group', 'mine', 'source.group'],
  ['columns', {}, 'columns', 'exactly one column.id()'],
  ['columns/second', { kind: 'id' }, 'columns', 'eventId'],
  ['columns/_offset', { kind: 'number' }, 'columns._offset'],
  ['columns/toString', { kind: 'number' }, 'columns.toString'],
  ['columns/spend', { kind: 'date' }, 'columns.spend.kind'],
  ['columns/spend/max', -1, 'columns.spend.max', '> 0'],
  ['columns/spend/missing', -1, 'columns.spend.missing'],
  ['columns/spend/minimum', 1, 'columns.spend.minimum'],
  ['columns/plan/values', ['free'], 'columns.plan.values'],
  ['columns/plan/values', ['free', 'free'], 'columns.plan.values', 'free twice'],
  ['columns/plan/top', 3, 'columns.plan', 'either values or top'],
  ['columns/usage/length', 2.5, 'columns.usage.length'],
  ['columns/usage/max', 0, 'columns.usage.max'],
  ['columns/usage/min', 0.5, 'accepted'],
  ['columns/notes/maxBytes', 0, 'columns.notes.maxBytes'],
  ['rules/a;b', rule({ check: 'present', column: 'spend' }), 'rules["a;b"]'],
  ['rules/decode', rule({ check: 'present', column: 'spend' }), 'rules.decode'],
  ['rules/r', rule({ check: 'present', column: 'spent' }), 'rules.r.unless.column', '"spent"'],
  [
    'rules/r',
    rule({ check: 'between', column: 'plan', low: 0, high: 1 }),
    'rules.r.unless.column',
    'a column of kind category',
  ],
  ['rules/r', rule({ check: 'between', column: 'spend', low: 2, high: 1 }), 'rules.r.unless.high'],
  ['rules/r', rule({ check: 'oneOf', column: 'plan', values: ['gold'] }), 'rules.r.unless.values[0]', 'free, team'],
  ['rules/r', rule({ check: 'oneOf', column: 'plan', values: [] }), 'rules.r.unless.values'],
  ['rules/r', rule({ check: 'longer', column: 'notes', bytes: -1 }), 'rules.r.unless.bytes'],
  [
    'rules/r',
    rule({ check: 'compare', column: 'spend', relation: 'less', other: 'plan' }),
    'rules.r.unless.other',
    'kind category',
  ],
  ['rules/r', rule({ check: 'compare', column: 'spend', relation: 'less', other: 'spend' }), 'rules.r.unless.other'],
  ['rules/r', rule({ check: 'compare', column: 'plan', relation: 'less', other: 'spend' }), 'rules.r.unless.column'],
  ['rules/r', rule({ check: 'sum', column: 'spend', of: [], within: 0 }), 'rules.r.unless.of'],
  [
    'rules/r',
    rule({ check: 'sum', column: 'spend', of: ['plan'], within: 0 }),
    'rules.r.unless.of[0]',
    'kind category',
  ],
  ['rules/r', rule({ check: 'sum', column: 'spend', of: ['spend'], within: -1 }), 'rules.r.unless.within'],
  ['rules/r', rule({ check: 'present', column: 'spend', mostly: 0.9 }), 'rules.r.unless.mostly', 'only in a fail rule'],
  ['rules/r', rule({ check: 'present', column: 'spend', mostly: 1.1 }, 'fail'), 'rules.r.unless.mostly'],
  ['rules/r', rule({ check: 'present', column: 'spend' }, 'delete'), 'rules.r.action'],
  ['features', {}, 'features', 'at least one'],
  ['features/spnd', { encode: 'scale' }, 'features.spnd'],
  ['features/cancelled', { encode: 'indicator' }, 'features.cancelled', 'which it predicts'],
  ['features/eventId', { encode: 'oneHot' }, 'features.eventId', 'a column of kind id'],
  ['features/plan', { encode: 'standardize' }, 'features.plan.encode', 'oneHot'],
  ['features/city', { encode: 'oneHot' }, 'features.city', 'values or top'],
  ['features/usage', { encode: 'scale', clip: [0, 1] }, 'features.usage.clip'],
  ['features/spend', { encode: 'standardize', clip: [0.9, 0.1] }, 'features.spend.clip[1]'],
  ['features/spend', { encode: 'scale', log: true }, 'features.spend.log'],
  ['predict/column', 'plan', 'predict.column', 'kind flag'],
  ['predict', { task: 'category', column: 'city' }, 'predict.column', 'declared values'],
  ['predict', { task: 'nearest', column: 'notes' }, 'predict.task'],
  ['predict', { task: 'next', column: 'plan' }, 'predict.column', 'kind text'],
  ['predict', { task: 'next', column: 'notes' }, 'features.plan', 'notes alone'],
  ['features/notes', { encode: 'oneHot' }, 'features.notes.encode', 'words, characters'],
  ['features/notes', { encode: 'words', length: 8 }, 'features.notes.vocabulary'],
  ['features/notes', { encode: 'words', vocabulary: 0, length: 8 }, 'features.notes.vocabulary'],
  ['features/notes', { encode: 'words', vocabulary: 9 }, 'features.notes', 'either length or context'],
  ['features/notes', { encode: 'words', vocabulary: 9, length: 8, context: 8 }, 'features.notes', 'both'],
  ['features/notes', { encode: 'words', vocabulary: 9, context: 8 }, 'features.notes.context', 'predict.next'],
  ['features/notes', { encode: 'characters', vocabulary: 9, length: 8 }, 'features.notes.vocabulary', 'alphabet'],
  ['features/notes', { encode: 'characters', alphabet: 9, length: 8 }, 'train.model.kind', 'textClassifier'],
  ['train/model', { kind: 'recurrent', cell: 'gru', units: 4 }, 'train.model.kind', 'for predict.next'],
  ['train/model', { kind: 'textClassifier', embedding: 4 }, 'features', 'one text'],
  ['split/column', 'spend', 'split.column'],
  ['split/train', 0.7, 'split', 'sum to 1'],
  ['split/test', 0, 'split.test'],
  ['split/by', 'time', 'split.by'],
  ['train/batch', 0, 'train.batch'],
  ['train/seed', -1, 'train.seed'],
  ['train/patience', 1.5, 'train.patience'],
  ['train/gradientLimit', 0, 'train.gradientLimit', '> 0'],
  ['train/gradientLimit', 'high', 'train.gradientLimit'],
  ['train/gradientLimit', 100, 'accepted'],
  ['train/device', 'tpu', 'train.device'],
  ['train/model/hidden', [8, 0], 'train.model.hidden[1]'],
  ['train/model/dropout', 1, 'train.model.dropout', '≥ 0 and < 1'],
  ['train/optimizer/rate', 0, 'train.optimizer.rate'],
  ['train/optimizer/kind', 'adagrad', 'train.optimizer.kind'],
  ['gates', [{ gate: 'atLeast', metric: 'rmse', value: 1 }], 'gates[0].metric'],
  ['gates', [{ gate: 'atLeast', metric: 'loss', value: 1 }], 'gates[0]', 'gate.atMost for loss'],
  ['gates', [{ gate: 'atMost', metric: 'auc', value: 1 }], 'gates[0]', 'gate.atLeast for auc'],
  ['gates', [{ gate: 'atLeast', metric: 'auc', by: 1 }], 'gates[0].by'],
  ['gates', [{ gate: 'notWorse', metric: 'auc', by: 0 }], 'gates[0].by'],
  ['gates', [{ gate: 'atLeast', metric: 'auc', value: 1, within: 'spend' }], 'gates[0].within'],
  ['gates', [{ gate: 'atLeast', metric: 'auc', value: 1, minRows: 9 }], 'gates[0].minRows'],
  ['gates', [base.gates, base.gates].flat(), 'gates[1]', 'atLeast auc twice'],
  ['gates', {}, 'gates', 'a list'],
  ['alpha', 0],
  ['approval/remind', '1 fortnight', 'approval.remind'],
  ['approval/expire', '1 hour', 'approval.expire', 'longer than remind'],
  ['retrain', [{ when: 'drift' }], 'retrain[0].when'],
  ['retrain', [{ when: 'rows', rows: 0 }], 'retrain[0].rows'],
  ['retrain', [{ when: 'cron', expression: '0 25 * * *', timezone: 'UTC' }], 'retrain[0].expression', 'hour within'],
  ['retrain', [{ when: 'cron', expression: '0 5 * * *', timezone: 'Berlin' }], 'retrain[0].timezone'],
  ['serve', { path: 'churn' }, 'serve.path'],
  ['serve', { path: '/metrics' }, 'serve.path'],
]

for (const [path, value, expected = path, part = 'expected'] of REFUSALS) {
  test(`${path} = ${JSON.stringify(value)} is judged`, () => {
    const refused = refusal(change(path, value))
    expect(refused.path).toBe(expected)
    if (expected !== 'accepted') expect(refused.text).toContain(part)
  })
}

test.each<unknown>([null, undefined, 7, 'churn', []])('%j is no definition', (value) => {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value)
  expect(refusal(value).text).toBe(`pipeline without a name, definition: expected an object, found ${shown}`)
})

test('defaults are filled in', () => {
  const plan = resolvePipeline(change('rules', undefined) as never)
  expect(plan).toMatchObject({
    rules: [],
    alpha: 0.05,
    retrain: [],
    serve: { path: '/churn' },
    approval: { remindMs: 86_400_000, expireMs: 604_800_000 },
    train: {
      model: { activation: 'relu', dropout: 0 },
      optimizer: { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      checkpointEvery: 200,
      device: 'any',
    },
  })
  expect('patience' in plan.train).toBe(false)
})

test('minus zero becomes zero', () => {
  const { columns } = resolvePipeline(change('columns/spend/min', -0) as never)
  expect(columns.find(({ name }) => name === 'spend')).toStrictEqual({
    name: 'spend',
    kind: 'number',
    unit: 'EUR',
    min: 0,
  })
})

test('a slice gets a minimum of rows', () => {
  const gate = { gate: 'atLeast', metric: 'auc', value: 0.5, within: 'plan' }
  expect(resolvePipeline(change('gates', [gate]) as never).gates).toEqual([{ ...gate, minRows: 100 }])
})
