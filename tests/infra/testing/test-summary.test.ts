// The closing line of `npm test` counts what happened, not what was hoped for.
import { expect, test } from 'vitest'
import { countTests, exitCodeOf, summaryLine } from '../../../infra/testing/test-summary.ts'

const file = (status: string, ...results: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: results.map((result) => ({ status: result })),
})

test('counts every kind of result', () => {
  const report = { testResults: [file('failed', 'passed', 'failed', 'pending'), file('passed', 'passed', 'todo')] }
  expect(countTests(report)).toEqual({ passed: 2, failed: 1, skipped: 2 })
})

test('counts a file that cannot load', () => {
  expect(countTests({ testResults: [file('failed'), file('passed', 'passed')] })).toMatchObject({ failed: 1 })
})

test('counts a failed hook beside passed tests', () => {
  expect(countTests({ testResults: [file('failed', 'passed')] })).toMatchObject({ passed: 1, failed: 1 })
})

test('says it in one line', () => {
  expect(summaryLine({ passed: 12, failed: 0, skipped: 3 })).toBe('12 passed, 0 failed, 3 skipped')
})

test('fails without any test', () => {
  expect(exitCodeOf({ passed: 0, failed: 0, skipped: 4 }, 0)).toBe(1)
})

test('fails with a failed test or runner', () => {
  expect(exitCodeOf({ passed: 5, failed: 1, skipped: 0 }, 0)).toBe(1)
  expect(exitCodeOf({ passed: 5, failed: 0, skipped: 0 }, 1)).toBe(1)
  expect(exitCodeOf({ passed: 5, failed: 0, skipped: 0 }, 0)).toBe(0)
})
