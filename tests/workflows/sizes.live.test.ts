// The largest plan and topic that are promised to work, on a real Temporal server: what travels stays small.
import type { Client } from '@temporalio/client'
import { afterEach, expect, inject, test } from 'vitest'
import { createCleanActivities } from '../../activities/clean.ts'
import { createIngestActivities } from '../../activities/ingest.ts'
import { loadConfig } from '../../core/config.ts'
import { carryPlan, wholePlan } from '../../lake/plans.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RetrainInput } from '../../schemas/run.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import { applySchedules } from '../../workers/schedules.ts'
import type { ingest } from '../../workflows/ingest.ts'
import type { retrain } from '../../workflows/retrain.ts'
import type { trigger } from '../../workflows/trigger.ts'
import { aWidePlan, wideEvents } from '../lake/wide-plan.ts'
import { openBacklog } from './backlog.ts'
import { aDataset, aModel, aPlan } from './builders.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

const SIZE = { columns: 2_000, values: 10_000 }
/** Temporal warns at 256 or 512 KB, refuses at 2 MB. */
const MAX_EVENT_BYTES = 128 * 1024
/** continueAsNewSuggested comes at 4 MB */
const MAX_HISTORY_BYTES = 2 * 1024 * 1024

const open: Stage[] = []
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
})

async function stageFor(activities: NonNullable<StageOptions['activities']>): Promise<Stage> {
  const stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir, activities })
  open.push(stage)
  return stage
}

/** Of every run that continued the first one: bytes of the largest event, and of the whole history, as JSON with payloads in base64. */
async function sizesOf(
  client: Client,
  workflowId: string,
  firstRunId: string,
): Promise<{ event: number; history: number }[]> {
  const sizes: { event: number; history: number }[] = []
  for (let runId: string | null | undefined = firstRunId; runId; ) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    const bytes = (events ?? []).map((event) => JSON.stringify(event).length)
    sizes.push({ event: Math.max(...bytes), history: bytes.reduce((a, b) => a + b, 0) })
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId
  }
  return sizes
}

function expectSmall(sizes: readonly { event: number; history: number }[]): void {
  expect(Math.max(...sizes.map(({ event }) => event))).toBeLessThan(MAX_EVENT_BYTES)
  expect(Math.max(...sizes.map(({ history }) => history))).toBeLessThan(MAX_HISTORY_BYTES)
}

test('2,000 columns and 10,000 values go through a run', { timeout: 120_000 }, async () => {
  const store = memoryStore()
  const broker = memoryBroker()
  await broker.createTopic({ topic: 'demo', partitions: 2 })
  broker.append('demo', 0, wideEvents(SIZE, 60))
  const clients = { store, broker, limits: { maxRangeRows: 1, maxRangeBytes: 10_000_000 } }
  const plans: Plan[] = []
  const stage = await stageFor({
    ...createIngestActivities({ ...clients, ingestRange: ingestRangeHere(clients) }),
    ...createCleanActivities({ store, code: { clean: 'clean', train: 'train', evaluate: 'evaluate' } }),
    trainModel: async ({ plan }) => {
      plans.push(await wholePlan(store, plan))
      return { value: aModel(), reused: false, why: 'first run' }
    },
  })
  const plan = aWidePlan({ ...SIZE, changes: { name: stage.pipeline } })
  const input: RetrainInput = { plan: await carryPlan(store, plan), reason: 'person', by: 'a test' }
  const handle = await stage.client.workflow.start<typeof retrain>('retrain', {
    workflowId: `retrain/${stage.pipeline}`,
    taskQueue: stage.queue,
    args: [input],
  })
  const { outcome, dataset } = await handle.result()
  expect([outcome, dataset?.accounting.clean]).toEqual(['waiting for approval', 60])
  expect(plans).toEqual([plan])
  expectSmall(await sizesOf(stage.client, handle.workflowId, handle.firstExecutionRunId))
})

test('Temporal refuses a large plan that travels whole', async () => {
  const stage = await stageFor({})
  const plan = aWidePlan({ columns: 2_000, values: 150_000, changes: { name: stage.pipeline } })
  const start = stage.client.workflow.start<typeof retrain>('retrain', {
    workflowId: `retrain/${stage.pipeline}`,
    taskQueue: stage.queue,
    args: [{ plan, reason: 'person', by: 'a test' }],
  })
  await expect(start).rejects.toThrow('Failed to start Workflow')
})

test('a schedule names a large plan', async () => {
  const store = memoryStore()
  const counted: Plan[] = []
  const stage = await stageFor({
    countNewRows: async ({ plan }) => {
      counted.push(await wholePlan(store, plan))
      return 0
    },
  })
  const plan = aWidePlan({ ...SIZE, changes: { name: stage.pipeline, retrain: [{ when: 'rows', rows: 5 }] } })
  const carried = await carryPlan(store, plan)
  const { client, queue, pipeline } = stage
  await applySchedules({ client, plan, carried, taskQueue: queue, pollEveryMs: 3_600_000 })
  const schedule = client.schedule.getHandle(`${pipeline}/rows-0`)
  const { action } = await schedule.describe()
  await schedule.delete()
  expect(JSON.stringify(action).length).toBeLessThan(2_000)
  const { workflowId } = action
  const args = action.args as Parameters<typeof trigger>
  const handle = await client.workflow.start<typeof trigger>('trigger', { workflowId, taskQueue: queue, args })
  expect(await handle.result()).toEqual({ asked: false, waiting: 0 })
  expect(counted).toEqual([plan])
})

test('10,000 ranges of 1,000 partitions are read', { timeout: 180_000 }, async () => {
  const backlog = openBacklog({ ranges: 10_000, partitions: 1_000 })
  const stage = await stageFor(backlog.activities)
  const handle = await stage.client.workflow.start<typeof ingest>('ingest', {
    workflowId: `sizes/${stage.pipeline}`,
    taskQueue: stage.queue,
    args: [{ plan: aPlan() }],
  })
  const { rows, ranges } = await handle.result()
  expect([rows, ranges.length]).toEqual([10_000, 1_000])
  expect(backlog.reads.every((times) => times === 1)).toBe(true)
  expectSmall(await sizesOf(stage.client, handle.workflowId, handle.firstExecutionRunId))
})

test('thousands of rules are accounted for', async () => {
  const counts = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`rule ${i} ${'x'.repeat(90)}`, i]))
  const value = aDataset()
  const accounting = { ...value.accounting, rejectedBy: counts, failures: counts }
  const stage = await stageFor({
    cleanSnapshot: async () => ({ value: { ...value, accounting }, reused: false, why: 'first run' }),
  })
  const handle = await stage.client.workflow.start<typeof retrain>('retrain', {
    workflowId: `retrain/${stage.pipeline}`,
    taskQueue: stage.queue,
    args: [{ plan: aPlan({ name: stage.pipeline }), reason: 'person', by: 'a test' }],
  })
  expect((await handle.result()).outcome).toBe('waiting for approval')
})
