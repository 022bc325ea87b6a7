// Ingest, what schedules start, and schedules under Temporal's own verbs.
import { type Client, ScheduleOverlapPolicy } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Activities } from '../../activities/index.ts'
import { createIngestActivities } from '../../activities/ingest.ts'
import { createTriggerActivities } from '../../activities/trigger.ts'
import { pipelineWorkflows } from '../../cli/pipeline-workflows.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { ingestWorkflowId, retrainWorkflowId, triggerWorkflowId } from '../../schemas/ids.ts'
import type { Plan, TriggerSpec } from '../../schemas/plan.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import { applySchedules } from '../../workers/schedules.ts'
import { demoEvents } from '../activities/twins.ts'
import { aPlan } from './builders.ts'
import { aName, openVerbStage, reset, resetPoints, type VerbStage } from './verbs.ts'

const lake = memoryStore()
const broker = memoryBroker()
const clients = { store: lake, broker, limits: { maxRangeRows: 10, maxRangeBytes: 1_000_000 } }
let stage: VerbStage
let temporal: Client

beforeAll(async () => {
  stage = await openVerbStage({
    ...createIngestActivities({ ...clients, ingestRange: ingestRangeHere(clients) }),
    requestRetrain: (input) => createTriggerActivities({ temporal }).requestRetrain(input),
  })
  temporal = stage.client
})
afterAll(async () => await stage.close())

const EVENTS = 25

async function aPipeline(retrain: readonly TriggerSpec[] = []) {
  const name = aName()
  const plan: Plan = aPlan({ name, source: { topic: name, format: 'json' }, retrain })
  await broker.createTopic({ topic: name, partitions: 1 })
  broker.append(name, 0, demoEvents(EVENTS))
  const start = (type: 'ingest' | 'trigger', workflowId: string, input: object) =>
    stage.client.workflow.start(type, { taskQueue: stage.queue, workflowId, args: [{ plan, ...input }] })
  const source = sourceOf(plan, await broker.clusterId())
  return {
    name,
    plan,
    source,
    startIngest: (input = {}) => start('ingest', ingestWorkflowId(name), input),
    startTrigger: (trigger: TriggerSpec) => start('trigger', triggerWorkflowId(name, trigger.when, 0), { trigger }),
    covered: async () => (await headSnapshot({ store: lake, source }))?.coverage,
    runs: stage.client.workflow.getHandle(retrainWorkflowId(name)),
  }
}

const WHOLE = [{ partition: 0, start: 0, end: EVENTS }]

describe('an ingest', () => {
  const stages = ['planIngest', 'ingestRanges', 'commitIngest'] as const satisfies readonly (keyof Activities)[]

  test.each(stages.flatMap((at) => (['terminate', 'cancel'] as const).map((verb) => [verb, at] as const)))(
    '%s at %s: the next one reads the rest once',
    async (verb, activity) => {
      const { name, startIngest, covered } = await aPipeline()
      const held = stage.hold(name, activity)
      const first = await startIngest()
      await held.reached
      await first[verb]()
      await first.result().catch(() => undefined)
      held.release()
      expect((await stage.state(first.workflowId)).state).toBe(verb === 'cancel' ? 'cancelled' : 'terminated')
      await (await startIngest()).result()
      expect(await covered()).toEqual(WHOLE)
    },
  )

  test('reset to any point reads nothing twice', async () => {
    const { startIngest, covered } = await aPipeline()
    const handle = await startIngest()
    await handle.result()
    for (const to of await resetPoints({ client: stage.client, handle })) {
      const { workflowId, firstExecutionRunId: runId } = handle
      await (await reset(stage.client, { workflowId, runId, to })).result()
      expect(await covered(), `reset to ${to}`).toEqual(WHOLE)
    }
  })

  test('reset after an accepted loss accepts it once', async () => {
    const { name, startIngest, covered, source } = await aPipeline()
    await (await startIngest()).result()
    broker.append(name, 0, demoEvents(EVENTS, EVENTS))
    broker.deleteBefore(name, 0, EVENTS + 5)
    const acceptance = { by: 'Ada', reason: 'short retention', at: '2026-11-30T10:00:00Z' }
    const losses = [{ topic: name, partition: 0, start: EVENTS, end: EVENTS + 5 }]
    const handle = await startIngest({ accept: { losses, acceptance } })
    await handle.result()
    const whole = [{ partition: 0, start: 0, end: 2 * EVENTS }]
    expect(await covered()).toEqual(whole)
    const { snapshot } = (await headSnapshot({ store: lake, source }))!
    for (const to of await resetPoints({ client: stage.client, handle })) {
      const { workflowId, firstExecutionRunId: runId } = handle
      await (await reset(stage.client, { workflowId, runId, to })).result()
      expect((await headSnapshot({ store: lake, source }))!.snapshot, `reset to ${to}`).toEqual(snapshot)
    }
  })
})

const rows: TriggerSpec = { when: 'rows', rows: 1 }
const cron: TriggerSpec = { when: 'cron', expression: '0 5 * * MON', timezone: 'UTC' }

describe('a trigger', () => {
  test.each(
    (['terminate', 'cancel'] as const).flatMap((verb) => [
      [verb, 'countNewRows', rows] as const,
      [verb, 'requestRetrain', rows] as const,
      [verb, 'requestRetrain', cron] as const,
    ]),
  )('%s at %s: the next one starts one run', async (verb, activity, spec) => {
    const { name, startTrigger, runs } = await aPipeline()
    const held = stage.hold(name, activity)
    const first = await startTrigger(spec)
    await held.reached
    await first[verb]()
    await first.result().catch(() => undefined)
    held.release()
    await (await startTrigger(spec)).result()
    const { promotion } = (await runs.result()) as RetrainResult
    await expect.poll(() => stage.kinds(name)).toEqual(['proposed'])
    await stage.client.workflow.getHandle(promotion!).terminate()
  })

  test.each([rows, cron])('reset after its end starts no second question: $when', async (spec) => {
    const { name, startTrigger, runs } = await aPipeline()
    const handle = await startTrigger(spec)
    await handle.result()
    const { promotion } = (await runs.result()) as RetrainResult
    for (const to of await resetPoints({ client: stage.client, handle })) {
      const { workflowId, firstExecutionRunId: runId } = handle
      await (await reset(stage.client, { workflowId, runId, to })).result()
      await runs.result()
      expect(await stage.kinds(name)).toEqual(['proposed'])
    }
    await stage.client.workflow.getHandle(promotion!).terminate()
  })
})

describe('a schedule', () => {
  /** Applied to the pipeline; triggered at once, not every ten seconds. */
  async function scheduled() {
    const pipeline = await aPipeline([{ when: 'rows', rows: 5_000 }])
    const { plan, name } = pipeline
    const { client, queue: taskQueue } = stage
    await applySchedules({ client, plan, taskQueue, pollEveryMs: 3_600_000 })
    const schedule = client.schedule.getHandle(`${name}/rows-0`)
    const fire = async () => {
      const held = stage.hold(name, 'countNewRows')
      await schedule.trigger(ScheduleOverlapPolicy.SKIP)
      await held.reached
      const action = (await schedule.describe()).info.recentActions.at(-1) // the newest
      const { workflowId } = (action as { action: { workflow: { workflowId: string } } }).action.workflow
      return { held, handle: client.workflow.getHandle(workflowId) }
    }
    const state = async () => (await pipelineWorkflows(client, plan, {})).schedules
    return { ...pipeline, schedule, fire, state }
  }

  test('that a person paused is said to be paused', async () => {
    const { name, schedule, state } = await scheduled()
    expect(await state()).toEqual([{ schedule: `${name}/rows-0`, paused: false, note: '' }])
    await schedule.pause('the topic moves')
    expect(await state()).toEqual([{ schedule: `${name}/rows-0`, paused: true, note: 'the topic moves' }])
    await schedule.unpause('moved')
    expect(await state()).toEqual([{ schedule: `${name}/rows-0`, paused: false, note: 'moved' }])
    await schedule.delete()
    expect(await state()).toEqual([])
  })

  test.each(['terminate', 'cancel'] as const)('goes on after somebody did %s what it started', async (verb) => {
    const { name, schedule, fire, state } = await scheduled()
    const { held, handle } = await fire()
    await handle[verb]()
    await handle.result().catch(() => undefined)
    held.release()
    expect(await state()).toEqual([{ schedule: `${name}/rows-0`, paused: false, note: '' }])
    await expect.poll(async () => (await schedule.describe()).info.runningActions.length).toBe(0)
    const again = await fire()
    again.held.release()
    expect(await again.handle.result()).toMatchObject({ asked: false })
    await schedule.delete()
  })

  test('that fails pauses itself and says why', async () => {
    const { schedule, state, plan } = await scheduled()
    await schedule.update((before) => {
      const action = { ...before.action, args: [{ plan, trigger: { when: 'never' } }] }
      return { ...before, action }
    })
    await schedule.describe()
    await schedule.trigger(ScheduleOverlapPolicy.SKIP)
    await expect.poll(async () => (await state())[0]?.paused, { timeout: 10_000 }).toBe(true)
    expect((await state())[0]!.note).toContain('fail')
    await schedule.delete()
  })
})
