// Definitions as large as is promised to work, and those that are refused for their size.
import { expect, test } from 'vitest'
import { column, encode, is, predict, warn } from '../../../index.ts'
import { resolvePipeline } from '../../../plan/resolve/resolve.ts'
import { isFailure, type SluiceFailure } from '../../../schemas/failures.ts'
import { small } from '../../fixtures/pipelines/definitions.ts'

function failureOf(work: () => unknown): SluiceFailure {
  try {
    work()
  } catch (error) {
    if (isFailure(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const names = Array.from({ length: 2_000 }, (_, i) => `measurement_${i}`)
const values = (count: number, words = 'value') => Array.from({ length: count }, (_, i) => `${words} ${i}`)
const wide = {
  columns: {
    ...small.columns,
    plan: column.category(values(10_000)),
    ...Object.fromEntries(names.map((name) => [name, column.number({ min: 0 })])),
  },
  features: { ...small.features, ...Object.fromEntries(names.map((name) => [name, encode.standardize()])) },
}

test('2,000 columns and 10,000 values resolve at once', () => {
  const startMs = performance.now()
  const plan = resolvePipeline({ ...small, ...wide })
  expect([plan.columns.length, plan.features.length]).toEqual([2_007, 2_002])
  expect(performance.now() - startMs).toBeLessThan(5_000)
})

test('what is too large is refused with the numbers', () => {
  const columns = { ...small.columns, plan: column.category(values(100_000, 'v'.repeat(100))) }
  const { code, facts, message } = failureOf(() => resolvePipeline({ ...small, columns }))
  expect([code, facts.path]).toEqual(['PIPELINE_INVALID', 'definition'])
  expect(message).toMatch(
    /expected a plan of at most 8,388,608 bytes as JSON, found 10,8\d\d,\d{3}, of them 10,8\d\d,\d{3} in columns/,
  )
})

test('of many names a message lists a few', () => {
  const { message } = failureOf(() =>
    resolvePipeline({ ...small, ...wide, features: { ...wide.features, measurment: encode.standardize() } } as never),
  )
  expect(message).toContain('and 1976 more')
  expect(message.length).toBeLessThan(1_000)
})

test.each([['owner'], ['approval']])('%s in more than 1,000 characters is refused', (word) => {
  const text = 'a'.repeat(1_001)
  const change = word === 'owner' ? { owner: text } : { approval: { ...small.approval, ask: text } }
  expect(failureOf(() => resolvePipeline({ ...small, ...change })).message).toContain('at most 1,000 characters')
})

test('more classes than can be judged are refused', () => {
  const change = (count: number) => ({
    columns: { ...small.columns, plan: column.category(values(count)) },
    features: { spend: encode.standardize() },
    predict: predict.category('plan'),
    gates: [],
  })
  expect(resolvePipeline({ ...small, ...change(1_000) }).predict).toMatchObject({ classes: { length: 1_000 } })
  expect(failureOf(() => resolvePipeline({ ...small, ...change(10_000) })).message).toContain(
    'predict.column: expected a category of at most 1000 values to predict, found "plan, which has 10000"',
  )
})

test('more rules than a run can tell of are refused', () => {
  const rules = Object.fromEntries(values(2_001, 'rule').map((name) => [name, warn.unless(is.present('spend'))]))
  const { facts } = failureOf(() => resolvePipeline({ ...small, rules }))
  expect(facts).toMatchObject({ path: 'rules', expected: 'at most 2000 rules', found: '2001' })
})
