// The times at which Temporal fires cron schedules: what docs/guides/write-a-pipeline.md says of them, asked of a real server.
import { randomUUID } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { TriggerSpec } from '../../schemas/plan.ts'
import { applySchedules, upcomingOf } from '../../workers/schedules.ts'
import { aPlan } from './builders.ts'

let client: Client
beforeAll(async () => {
  const { address, namespace } = inject('endpoints').temporal
  client = new Client({ connection: await Connection.connect({ address }), namespace })
})
afterAll(() => client.connection.close())

async function applied(expression: string, timezone: string) {
  const trigger: TriggerSpec = { when: 'cron', expression, timezone }
  const plan = aPlan({ name: `times-${randomUUID().slice(0, 8)}`, retrain: [trigger] })
  await applySchedules({ client, plan, taskQueue: 'nobody-works-here' })
  const schedule = client.schedule.getHandle(`${plan.name}/cron-0`)
  return { plan, schedule, remove: () => schedule.delete() }
}

/** Of the server's own computation, from `from` (inclusive) to `to`. */
async function timesOf(expression: string, timezone: string, [from, to]: readonly [string, string]): Promise<string[]> {
  const { schedule, remove } = await applied(expression, timezone)
  const seconds = (time: string, more = 0) => ({ seconds: Math.floor(Date.parse(time) / 1000) + more }) as never
  const { startTime } = await client.connection.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId: schedule.scheduleId,
    startTime: seconds(from, -1),
    endTime: seconds(to),
  })
  await remove()
  return startTime.map(({ seconds: at }) => new Date(Number(at) * 1000).toISOString().replace(':00.000Z', 'Z'))
}

const SPRING = ['2027-03-27T00:00:00Z', '2027-03-30T00:00:00Z'] as const
const AUTUMN = ['2027-10-30T00:00:00Z', '2027-11-02T00:00:00Z'] as const
const FALL = ['2027-11-06T00:00:00Z', '2027-11-09T00:00:00Z'] as const
const BERLIN = 'Europe/Berlin'
const NEW_YORK = 'America/New_York'

test.each<[string, string, string, readonly [string, string], string[]]>([
  // 28 March 2027: 02:00 to 03:00 is skipped
  ['a skipped time does not come', '30 2 * * *', BERLIN, SPRING, ['2027-03-27T01:30Z', '2027-03-29T00:30Z']],
  [
    'the hour behind it does',
    '0 3 * * *',
    BERLIN,
    SPRING,
    ['2027-03-27T02:00Z', '2027-03-28T01:00Z', '2027-03-29T01:00Z'],
  ],
  // 31 October 2027: 02:00 to 03:00 comes twice; the server is mistaken by an hour in zones east of Greenwich
  ['east, a repeated time comes once, late', '30 2 31 10 *', BERLIN, AUTUMN, ['2027-10-31T01:30Z']],
  ['east, the hour before comes twice', '30 1 31 10 *', BERLIN, AUTUMN, ['2027-10-30T23:30Z', '2027-10-31T00:30Z']],
  ['east, the hour behind comes once', '30 3 31 10 *', BERLIN, AUTUMN, ['2027-10-31T02:30Z']],
  [
    'east, every hour leaves one out',
    '30 * 31 10 *',
    BERLIN,
    ['2027-10-30T23:00:00Z', '2027-10-31T03:00:00Z'],
    ['2027-10-30T23:30Z', '2027-10-31T00:30Z', '2027-10-31T02:30Z'],
  ],
  // 7 November 2027: 01:00 to 02:00 comes twice
  ['west, a repeated time comes twice', '30 1 7 11 *', NEW_YORK, FALL, ['2027-11-07T05:30Z', '2027-11-07T06:30Z']],
  [
    'west, every hour comes',
    '30 * 7 11 *',
    NEW_YORK,
    ['2027-11-07T04:00:00Z', '2027-11-07T08:00:00Z'],
    ['2027-11-07T04:30Z', '2027-11-07T05:30Z', '2027-11-07T06:30Z', '2027-11-07T07:30Z'],
  ],
  ['west, the hour before comes once', '30 0 7 11 *', NEW_YORK, FALL, ['2027-11-07T04:30Z']],
  ['west, the hour behind comes once', '30 2 7 11 *', NEW_YORK, FALL, ['2027-11-07T07:30Z']],
  ['in UTC every time comes once', '30 2 31 10 *', 'UTC', AUTUMN, ['2027-10-31T02:30Z']],
  // 1 March 2027 is a Monday
  [
    'both days must fit',
    '0 5 1 * MON',
    'UTC',
    ['2027-01-01T00:00:00Z', '2027-12-31T00:00:00Z'],
    ['2027-02-01T05:00Z', '2027-03-01T05:00Z', '2027-11-01T05:00Z'],
  ],
  [
    'also in the first week',
    '0 5 1-7 2-3 MON',
    'UTC',
    ['2027-01-01T00:00:00Z', '2027-12-31T00:00:00Z'],
    ['2027-02-01T05:00Z', '2027-03-01T05:00Z'],
  ],
  [
    '29 February waits for its year',
    '0 0 29 2 *',
    'UTC',
    ['2027-01-01T00:00:00Z', '2033-01-01T00:00:00Z'],
    ['2028-02-29T00:00Z', '2032-02-29T00:00Z'],
  ],
  [
    '7 is Sunday',
    '0 0 * 2 7',
    'UTC',
    ['2027-02-01T00:00:00Z', '2027-02-16T00:00:00Z'],
    ['2027-02-07T00:00Z', '2027-02-14T00:00Z'],
  ],
  [
    'a step from a value goes on',
    '50/5 23 1 2 *',
    'UTC',
    ['2027-02-01T00:00:00Z', '2027-02-02T00:00:00Z'],
    ['2027-02-01T23:50Z', '2027-02-01T23:55Z'],
  ],
  [
    'half an hour that is skipped comes late',
    '15 2 3 10 *',
    'Australia/Lord_Howe',
    ['2027-10-01T00:00:00Z', '2027-10-05T00:00:00Z'],
    ['2027-10-02T15:45Z'],
  ],
])('%s', async (_what, expression, timezone, span, expected) => {
  expect(await timesOf(expression, timezone, span)).toEqual(expected)
})

test('the next times are told as soon as it is applied', async () => {
  const { plan, schedule, remove } = await applied('0 0 1 1 *', 'UTC')
  const [next] = await upcomingOf(client, plan)
  expect(next).toMatchObject({ id: schedule.scheduleId, expression: '0 0 1 1 *', timezone: 'UTC', paused: false })
  expect(next!.times.length).toBeGreaterThanOrEqual(5)
  expect(
    next!.times.every(
      (time, i) => time.toISOString().endsWith('-01-01T00:00:00.000Z') && (i === 0 || time > next!.times[i - 1]!),
    ),
  ).toBe(true)
  await schedule.pause('a person looks')
  expect((await upcomingOf(client, plan))[0]).toMatchObject({ paused: true, times: next!.times })
  await remove()
})

test('times that the server does not take are refused with their place', async () => {
  const bad: TriggerSpec = { when: 'cron', expression: '0 5 * * *', timezone: 'US/EASTERN' }
  const plan = aPlan({ name: `times-${randomUUID().slice(0, 8)}`, retrain: [{ when: 'rows', rows: 5 }, bad] })
  await expect(applySchedules({ client, plan, taskQueue: 'nobody-works-here' })).rejects.toMatchObject({
    code: 'PIPELINE_INVALID',
    facts: { path: 'retrain[1]', found: expect.stringContaining('unknown time zone US/EASTERN') },
  })
  await applySchedules({ client, plan: { ...plan, retrain: [] } })
})

// what the check of the definition keeps out
test.each([
  ['0 0 30 2 *', 'UTC'],
  ['30 2 25-31 3 SUN', BERLIN],
])('%s in %s is taken by the server and never comes', async (expression, timezone) => {
  const { plan, remove } = await applied(expression, timezone)
  expect((await upcomingOf(client, plan))[0]!.times).toEqual([])
  await remove()
})
