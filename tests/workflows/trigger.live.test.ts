// What schedules start, and the schedules themselves, on a real Temporal server.
import { ScheduleOverlapPolicy } from '@temporalio/client'
import { afterEach, expect, inject, test } from 'vitest'
import type { Activities } from '../../activities/index.ts'
import { createTriggerActivities } from '../../activities/trigger.ts'
import { loadConfig } from '../../core/config.ts'
import type { Plan, TriggerSpec } from '../../schemas/plan.ts'
import { applySchedules } from '../../workers/schedules.ts'
import type { trigger } from '../../workflows/trigger.ts'
import { aPlan } from './builders.ts'
import { heldTraining } from './held-training.ts'
import { openStage, type Stage } from './stage.ts'

const open: Stage[] = []
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
})

const rows = (count: number): TriggerSpec => ({ when: 'rows', rows: count })
const cron: TriggerSpec = { when: 'cron', expression: '0 5 * * MON', timezone: 'Europe/Berlin' }

async function onStage(activities: Partial<Activities> = {}) {
  const stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir, activities })
  open.push(stage)
  const plan = (retrain: readonly TriggerSpec[] = []): Plan => aPlan({ name: stage.pipeline, retrain })
  const fire = (spec: TriggerSpec) =>
    stage.client.workflow.execute<typeof trigger>('trigger', {
      taskQueue: stage.queue,
      workflowId: `trigger/${stage.pipeline}`,
      args: [{ plan: plan(), trigger: spec }],
    })
  return { ...stage, plan, fire }
}

/** The real requestRetrain; its client is only known when the stage is open. */
async function withRequests(activities: Partial<Activities> = {}) {
  let temporal: Stage['client'] | undefined
  const stage = await onStage({
    ...activities,
    requestRetrain: (input) => createTriggerActivities({ temporal: temporal! }).requestRetrain(input),
  })
  temporal = stage.client
  return stage
}

test('enough new rows ask for a run', async () => {
  const { fire, client, pipeline } = await withRequests({ countNewRows: async () => 500 })
  expect(await fire(rows(500))).toEqual({ asked: true, waiting: 500 })
  const result = await client.workflow.getHandle(`retrain/${pipeline}`).result()
  expect(result).toMatchObject({ reason: 'rows', outcome: 'waiting for approval' })
})

test('too few rows ask for nothing', async () => {
  const { fire, calls } = await withRequests({ countNewRows: async () => 499 })
  expect(await fire(rows(500))).toEqual({ asked: false, waiting: 499 })
  expect(calls).not.toContain('requestRetrain')
})

test('rows do not trigger a run that goes on', async () => {
  const { begun, release, trainModel } = heldTraining()
  const { fire, client, calls, pipeline } = await withRequests({ countNewRows: async () => 500, trainModel })
  await fire(rows(1))
  await begun
  await fire(rows(1))
  release()
  await client.workflow.getHandle(`retrain/${pipeline}`).result()
  expect(calls.filter((name) => name === 'planIngest')).toHaveLength(1)
})

test('the clock asks for a run', async () => {
  const { fire, client, pipeline } = await withRequests()
  expect(await fire(cron)).toEqual({ asked: true })
  expect(await client.workflow.getHandle(`retrain/${pipeline}`).result()).toMatchObject({ reason: 'cron' })
})

test('schedules follow the plan', async () => {
  const { client, plan, queue, pipeline } = await onStage()
  const apply = (retrain: readonly TriggerSpec[]) => applySchedules({ client, plan: plan(retrain), taskQueue: queue })
  const [cron0, rows0, rows1] = [`${pipeline}/cron-0`, `${pipeline}/rows-0`, `${pipeline}/rows-1`] as const
  expect(await apply([cron, rows(10), rows(20)])).toEqual({ created: [cron0, rows0, rows1], updated: [], removed: [] })
  expect(await apply([cron, rows(10), rows(20)])).toEqual({ created: [], updated: [cron0, rows0, rows1], removed: [] })
  const described = await client.schedule.getHandle(cron0).describe()
  expect(described.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 600_000, pauseOnFailure: true })
  expect(described.spec.timezone).toBe('Europe/Berlin')
  await client.schedule.getHandle(rows0).pause('a person looks')
  expect(await apply([rows(11)])).toEqual({ created: [], updated: [rows0], removed: [cron0, rows1] })
  expect((await client.schedule.getHandle(rows0).describe()).state.paused).toBe(true)
  expect((await apply([])).removed).toEqual([rows0])
})

test('a pause that follows an apply at once holds', async () => {
  const { client, plan, queue, pipeline } = await onStage()
  const apply = (count: number) => applySchedules({ client, plan: plan([rows(count)]), taskQueue: queue })
  const schedule = client.schedule.getHandle(`${pipeline}/rows-0`)
  await apply(1)
  for (let count = 2; count < 12; count++) {
    await apply(count)
    await schedule.pause('a person looks')
    expect((await schedule.describe()).state.paused).toBe(true)
    await schedule.unpause()
    await schedule.describe()
  }
})

test('a schedule starts the trigger', async () => {
  const { client, plan, queue, calls, pipeline } = await onStage({ countNewRows: async () => 3 })
  await applySchedules({ client, plan: plan([rows(5)]), taskQueue: queue, pollEveryMs: 3_600_000 })
  const handle = client.schedule.getHandle(`${pipeline}/rows-0`)
  await handle.trigger(ScheduleOverlapPolicy.SKIP)
  await expect.poll(() => calls, { timeout: 10_000 }).toContain('countNewRows')
  await handle.delete()
})
