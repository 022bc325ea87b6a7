// Definitions as large as is promised to work, and those that are refused for their size.
import { expect, test } from 'vitest'
import { column, encode } from '../../../index.ts'
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
