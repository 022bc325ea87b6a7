// What Temporal records is the catalogue's: code, class, facts, and when to give up.
import assert from 'node:assert'
import type { Context } from '@temporalio/activity'
import {
  ApplicationFailure,
  CancelledFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common'
import type { ActivityExecuteInput } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { FAILURES, type FailureCode, failure } from '../../schemas/failures.ts'
import { mapFailures } from '../../workers/failure-mapping.ts'
import { recordedFailure } from './recorded-failure.ts'

const CODES = Object.keys(FAILURES) as FailureCode[]

/** as docs/guides/training.md says */
const UNFORESEEN_ATTEMPTS = 5
const TRAINER_ATTEMPTS = 20

async function mapped(error: unknown, attempt = 1): Promise<ApplicationFailure> {
  const result = await recordedFailure(error, attempt)
  assert(result instanceof ApplicationFailure)
  return result
}

/** As it is sent. */
function bytesOf(recorded: Error): number {
  const sent = defaultFailureConverter.errorToFailure(recorded, defaultPayloadConverter)
  const text = (_key: string, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value)
  return Buffer.byteLength(JSON.stringify(sent, text))
}

test.each(CODES)('%s keeps its code and class', async (code) => {
  const { type, nonRetryable, details } = await mapped(failure(code, { a: 1 }))
  expect({ type, nonRetryable, details }).toEqual({
    type: code,
    nonRetryable: FAILURES[code].retry === 'fatal',
    details: [{ a: 1 }],
  })
})

test('the message says what to do next', async () => {
  const { message } = await mapped(failure('RULE_FAILED', { rule: 'r', expected: 'a', found: 'b' }))
  expect(message).toBe('rule "r": expected a, found b. Next: look at the data of the topic, or change the rule')
})

test('a broken invariant is never tried again', async () => {
  expect((await mapped(new assert.AssertionError({ message: 'no' }))).nonRetryable).toBe(true)
})

test.each([
  new TypeError("Cannot read properties of undefined (reading 'rows')"),
  new RangeError('Maximum call stack size exceeded'),
  new SyntaxError('Unexpected end of JSON input'),
  new ReferenceError('x is not defined'),
])('an error of the code is never tried again: %s', async (error) => {
  expect((await mapped(error)).nonRetryable).toBe(true)
})

test.each([
  new TypeError('terminated'),
  new TypeError('something failed', { cause: new Error('ECONNRESET') }),
  new RangeError('Array buffer allocation failed'),
])('what may pass is tried again: %s', async (error) => {
  expect((await mapped(error)).nonRetryable).toBe(false)
})

test('an unforeseen error is tried a few times', async () => {
  expect(await mapped(new TypeError('fetch failed'), UNFORESEEN_ATTEMPTS - 1)).toMatchObject({
    type: 'TypeError',
    nonRetryable: false,
  })
  expect((await mapped(new TypeError('fetch failed'), UNFORESEEN_ATTEMPTS)).nonRetryable).toBe(true)
})

test('a trainer that always dies is given up', async () => {
  const died = failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 1 })
  expect(await mapped(died, TRAINER_ATTEMPTS - 1)).toMatchObject({ type: 'TRAINER_DIED', nonRetryable: false })
  expect(await mapped(died, TRAINER_ATTEMPTS)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test('an unexpected error is given up sooner', async () => {
  const died = failure('TRAINER_DIED', { found: 'an unexpected error: x is not a function', step: 1 })
  expect(await mapped(died, UNFORESEEN_ATTEMPTS - 1)).toMatchObject({ type: 'TRAINER_DIED', nonRetryable: false })
  expect(await mapped(died, UNFORESEEN_ATTEMPTS)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test('an error of the trainer that every attempt would meet is given up at once', async () => {
  const died = failure('TRAINER_DIED', { found: 'an unexpected error: x is not a function', step: 0, always: true })
  expect(await mapped(died, 1)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test('attempts that were no deaths do not count', async () => {
  const died = (deaths: number) => failure('TRAINER_DIED', { found: 'signal SIGKILL', step: 1, deaths })
  expect(await mapped(died(TRAINER_ATTEMPTS - 1), 99)).toMatchObject({ type: 'TRAINER_DIED', nonRetryable: false })
  expect(await mapped(died(TRAINER_ATTEMPTS), 99)).toMatchObject({ type: 'TRAINER_GIVEN_UP', nonRetryable: true })
})

test.each([
  ['signal SIGKILL', '', 'too little memory'],
  ['signal SIGABRT', 'FATAL ERROR: Reached heap limit Allocation failed', 'too little memory'],
  ['exit code 1', "terminate called after throwing an instance of 'std::bad_alloc'", 'too little memory'],
  ['an unexpected error: x is not a function', '', 'report this'],
  ['exit code 3', 'cannot open the device', 'look at what the trainer printed'],
])('a trainer given up after %s says what to do', async (found, log, advice) => {
  const { message } = await mapped(failure('TRAINER_DIED', { found, step: 60, log }), TRAINER_ATTEMPTS)
  expect(message).toContain(`ended ${TRAINER_ATTEMPTS} times in a row`)
  expect(message).toContain(`with ${found} at step 60`)
  expect(message).toContain(advice)
  expect(message).toContain(log === '' ? 'printed: nothing' : log)
})

test('a cancellation stays a cancellation', async () => {
  const cancelled = new CancelledFailure('CANCELLED')
  expect(await recordedFailure(cancelled, 1)).toBe(cancelled)
})

test('a fact that nobody bounded does not cost the code', async () => {
  const recorded = await mapped(failure('RULE_FAILED', { rule: 'r', expected: 'x'.repeat(3_000_000), found: 7 }))
  expect(recorded).toMatchObject({ type: 'RULE_FAILED', details: [{ rule: 'r', found: 7 }] })
  expect(bytesOf(recorded)).toBeLessThan(1_500_000)
})

test('a result that cannot travel fails once, with its size', async () => {
  const { inbound } = mapFailures({ info: { attempt: 1, activityType: 'cleanSnapshot' } } as Context)
  const answer = (result: unknown) => inbound!.execute!({} as ActivityExecuteInput, async () => result)
  const small = { rows: 3 }
  expect(await answer(small)).toBe(small)
  expect(await answer(undefined)).toBeUndefined()
  await expect(answer('ü'.repeat(800_000))).rejects.toMatchObject({
    type: 'RESULT_TOO_LARGE',
    nonRetryable: true,
    details: [{ activity: 'cleanSnapshot', found: 1_600_002 }],
  })
})

test('losses of a thousand partitions are told whole', async () => {
  const losses = Array.from({ length: 1_000 }, (_, i) => `${'t'.repeat(100)}/${i}/0-1000000`).join(' ')
  const recorded = await mapped(failure('TOPIC_RECREATED', { topic: 't', expected: 'a', found: 'b', losses }))
  expect(recorded.details).toMatchObject([{ losses }])
  expect(bytesOf(recorded)).toBeLessThan(1_500_000)
})
