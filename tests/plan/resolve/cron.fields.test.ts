// Cron expressions and durations that are read, and those that are refused.
import { expect, test } from 'vitest'
import { checkCron } from '../../../plan/resolve/cron.ts'
import { resolveApproval } from '../../../plan/resolve/retrain.ts'

const place = { pipeline: 'p', path: 'retrain[0].expression' }

test.each([
  '0 5 * * MON',
  '*/15 * * * *',
  '0,30 8-18 * * MON-FRI',
  '59 23 31 12 7',
  '0 0 1 jan-mar *',
  '0 0-12/2 * * 0',
])('%s is read', (text) => {
  expect(checkCron(place, text)).toBe(text)
})

test.each([
  '',
  '0 5 * *',
  '0 5 * * MON *',
  '60 5 * * *',
  '0 24 * * *',
  '0 0 0 * *',
  '0 0 * 13 *',
  '0 0 * * 8',
  '0 0 * * MONDAY',
  '*/0 * * * *',
  '5-1 * * * *',
  '1-2-3 * * * *',
  '1//2 * * * *',
  ', * * * *',
  '@daily',
  '0  5 * * *',
  'a b c d e',
])('%j is refused', (text) => {
  expect(() => checkCron(place, text)).toThrow('retrain[0].expression')
})

test.each([
  ['1 second', 1_000],
  ['90 minutes', 5_400_000],
  ['1 hour', 3_600_000],
  ['0.5 days', 43_200_000],
  ['2 weeks', 1_209_600_000],
])('%s is %i ms', (text, ms) => {
  expect(resolveApproval(place, { ask: 'us', remind: text, expire: '52 weeks' }).remindMs).toBe(ms)
})

test.each(['1', 'day', '1day', '-1 day', '0 days', '1 month', '1 days ago', '0.0001 seconds', 5, null])(
  '%j is no duration',
  (text) => {
    expect(() => resolveApproval(place, { ask: 'us', remind: text, expire: '1 week' })).toThrow(
      'remind: expected a duration',
    )
  },
)
