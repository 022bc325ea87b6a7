// Catalogue, retry table and what Temporal records agree.
import assert from 'node:assert'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { FAILURES, FATAL_CODES, type FailureCode, failure } from '../../schemas/failures.ts'
import { asTemporalFailure, TRAINER_ATTEMPTS, UNFORESEEN_ATTEMPTS } from '../../workers/failure-mapping.ts'
import { ACTIVITY_TABLE, RETRY } from '../../workflows/proxies.ts'

const CODES = Object.keys(FAILURES) as FailureCode[]

function mapped(error: unknown, attempt = 1): ApplicationFailure {
  const result = asTemporalFailure(error, attempt)
  assert(result instanceof ApplicationFailure)
  return result
}

test.each(CODES)('%s keeps its code and class', (code) => {
  const { type, nonRetryable, details } = mapped(failure(code, { a: 1 }))
  expect({ type, nonRetryable, details }).toEqual({
    type: code,
    nonRetryable: FAILURES[code].retry === 'fatal',
    details: [{ a: 1 }],
  })
})

test('the retry table lists exactly the fatal codes', () => {
  expect([...(RETRY.nonRetryableErrorTypes ?? [])].sort()).toEqual([...FATAL_CODES].sort())
  for (const { retry } of Object.values(ACTIVITY_TABLE)) {
    const beyond = (retry.nonRetryableErrorTypes ?? []).filter((code) => !FATAL_CODES.includes(code as FailureCode))
    expect(retry === ACTIVITY_TABLE.commit.retry ? ['CHAIN_CONFLICT'] : []).toEqual(beyond)
  }
})

test('every activity has a bound', () => {
  for (const row of Object.values(ACTIVITY_TABLE)) {
    expect(row.startToCloseTimeout).toBeDefined()
    expect(row.scheduleToCloseTimeout).toBeDefined()
  }
})

test('the message says what to do next', () => {
  const { message } = mapped(failure('RULE_FAILED', { rule: 'r', expected: 'a', found: 'b' }))
  expect(message).toBe('rule "r": expected a, found b. Next: look at the data of the topic, or change the rule')
})

test('a broken invariant is never tried again', () => {
  expect(mapped(new assert.AssertionError({ message: 'no' })).nonRetryable).toBe(true)
})

test('an unforeseen error is tried a few times', () => {
  expect(mapped(new TypeError('fetch failed'), UNFORESEEN_ATTEMPTS - 1)).toMatchObject({
    type: 'TypeError',
    nonRetryable: false,
  })
  expect(mapped(new TypeError('fetch failed'), UNFORESEEN_ATTEMPTS).nonRetryable).toBe(true)
})

test('a trainer that always dies is given up', () => {
  const died = failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 1 })
  expect(mapped(died, TRAINER_ATTEMPTS - 1)).toMatchObject({ type: 'TRAINER_DIED', nonRetryable: false })
  expect(mapped(died, TRAINER_ATTEMPTS)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test('an unexpected error is given up sooner', () => {
  const died = failure('TRAINER_DIED', { found: 'an unexpected error: x is not a function', step: 1 })
  expect(mapped(died, UNFORESEEN_ATTEMPTS - 1)).toMatchObject({ type: 'TRAINER_DIED', nonRetryable: false })
  expect(mapped(died, UNFORESEEN_ATTEMPTS)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test('attempts that were no deaths do not count', () => {
  const died = (deaths: number) => failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 1, deaths })
  expect(mapped(died(TRAINER_ATTEMPTS - 1), 99)).toMatchObject({ type: 'TRAINER_DIED', nonRetryable: false })
  expect(mapped(died(TRAINER_ATTEMPTS), 99)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test.each([
  ['signal SIGKILL', '', 'too little memory'],
  ['signal SIGABRT', 'FATAL ERROR: Reached heap limit Allocation failed', 'too little memory'],
  ['exit code 1', "terminate called after throwing an instance of 'std::bad_alloc'", 'too little memory'],
  ['an unexpected error: x is not a function', '', 'report this'],
  ['exit code 3', 'cannot open the device', 'look at what the trainer printed'],
])('a trainer given up after %s says what to do', (found, log, advice) => {
  const { message } = mapped(failure('TRAINER_DIED', { found, step: 60, log }), TRAINER_ATTEMPTS)
  expect(message).toContain(`ended ${TRAINER_ATTEMPTS} times in a row`)
  expect(message).toContain(`with ${found} at step 60`)
  expect(message).toContain(advice)
  expect(message).toContain(log === '' ? 'printed: nothing' : log)
})

test('a cancellation stays a cancellation', () => {
  const cancelled = new CancelledFailure('CANCELLED')
  expect(asTemporalFailure(cancelled, 1)).toBe(cancelled)
})
