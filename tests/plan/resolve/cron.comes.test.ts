// Which cron expressions ever come, in which time zone.
import { expect, test } from 'vitest'
import { checkCron, cronFields } from '../../../plan/resolve/cron.ts'
import { comesEver } from '../../../plan/resolve/cron-comes.ts'
import { resolveTriggers } from '../../../plan/resolve/retrain.ts'

const place = { pipeline: 'p', path: 'retrain' }
const comes = (expression: string, timezone = 'UTC') => comesEver(cronFields(checkCron(place, expression)), timezone)

test.each([
  '* * * * *',
  '0 0 29 2 *',
  '0 0 29 2 SUN',
  '0 0 31 1,3,5 *',
  '0 0 31 4,5 *', // cronosjs #37
  '0 0 30-31 2,12 *',
  '0 0 13 * FRI',
  '0 0 1-7 * MON',
  '0 0 28/3 2-3 *',
])('%s comes', (expression) => {
  expect(comes(expression)).toBe(true)
})

test.each([
  '0 0 30 2 *', // cron-utils #310, node-red-contrib-cron-plus #110
  '0 0 31 2,4,6 *', // cronosjs #37
  '0 0 31 4,6,9,11 *',
  '* * 30,31 FEB *',
  '0 0 31 4/5 *', // April and September
  '0 0 30-31/1 2 0-7',
])('%s never comes', (expression) => {
  expect(comes(expression)).toBe(false)
})

test.each<[string, string, boolean]>([
  ['30 2 * 3 *', 'Europe/Berlin', true],
  ['30 2 25-31 3 SUN', 'Europe/Berlin', false],
  ['0 3 25-31 3 SUN', 'Europe/Berlin', true],
  ['30 2 25-31 3 SUN', 'UTC', true],
  ['30 2 25-31 10 SUN', 'Europe/Berlin', true],
  ['30 2 8-14 3 SUN', 'America/New_York', false],
  ['*/15 2 8-14 3 SUN', 'America/New_York', false],
  ['*/15 2,3 8-14 3 SUN', 'America/New_York', true],
  ['30 2 8-14 3 SUN', 'America/Phoenix', true],
  ['15 2 1-7 10 SUN', 'Australia/Lord_Howe', true], // half an hour is skipped: it comes at 02:45
  ['45 2 1-7 10 SUN', 'Australia/Lord_Howe', true],
])('%s in %s: %s', (expression, timezone, expected) => {
  expect(comes(expression, timezone)).toBe(expected)
})

test('one that never comes is refused with its zone', () => {
  const triggers = [{ when: 'cron', expression: '30 2 25-31 3 SUN', timezone: 'Europe/Berlin' }]
  expect(() => resolveTriggers(place, triggers)).toThrow(
    /retrain\[0\]\.expression: expected a time that comes in Europe\/Berlin/,
  )
})

test('a value with a step goes on to the end', () => {
  expect(cronFields('5/20 20/2 25/3 11/1 3/2')).toEqual({
    minutes: [5, 25, 45],
    hours: [20, 22],
    days: [25, 28, 31],
    months: [11, 12],
    weekdays: [3, 5, 0],
  })
})

test.each([
  'UTC',
  'GMT',
  'CET',
  'EST5EDT',
  'US/Eastern',
  'Europe/Kyiv',
  'Europe/Kiev',
  'Asia/Calcutta',
  'Asia/Kolkata',
  'Etc/GMT+1',
  'America/Port-au-Prince',
  'Africa/Dar_es_Salaam',
  'America/Argentina/Ushuaia',
])('%s is a time zone', (timezone) => {
  const triggers = [{ when: 'cron', expression: '0 5 * * *', timezone }]
  expect(resolveTriggers(place, triggers)).toEqual(triggers)
})

// Intl takes all but the last three, Temporal none of them
test.each([
  'europe/berlin',
  'EUROPE/BERLIN',
  'utc',
  'Utc',
  '+02:00',
  '+0200',
  'us/eastern',
  'Local',
  'Europe/Berlin ',
  'MESZ',
])('%j is none', (timezone) => {
  const triggers = [{ when: 'cron', expression: '0 5 * * *', timezone }]
  expect(() => resolveTriggers(place, triggers)).toThrow('retrain[0].timezone')
})
