// Many partitions with many ranges each: every range once, and how long the histories become.

import { once } from 'node:events'
import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { afterEach, expect, inject, test } from 'vitest'
import { createIngestActivities } from '../../activities/ingest.ts'
import { loadConfig } from '../../core/config.ts'
import { headSnapshot } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import type { RetrainInput } from '../../schemas/run.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import type { ingest } from '../../workflows/ingest.ts'
import type { retrain } from '../../workflows/retrain.ts'
import { demoEvents } from '../activities/twins.ts'
import { openBacklog } from './backlog.ts'
import { aPlan } from './builders.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

const PARTITIONS = 200
const MANY_RANGES = 5_000
const MAX_EVENTS = 1_000

const open: Stage[] = []
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
})

async function stageFor(activities: NonNullable<StageOptions['activities']>): Promise<Stage> {
  const stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir, activities })
  open.push(stage)
  return stage
}

function startIngest({ client, queue, pipeline }: Stage) {
  const workflowId = `fan-out/${pipeline}`
  return client.workflow.start<typeof ingest>('ingest', { workflowId, taskQueue: queue, args: [{ plan: aPlan() }] })
}

/** Events of the first run and of every run that continued it. */
async function historyLengths(client: Client, workflowId: string, firstRunId: string): Promise<number[]> {
  const lengths: number[] = []
  for (let runId: string | null | undefined = firstRunId; runId; ) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    lengths.push(events?.length ?? 0)
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId
  }
  return lengths
}

test('a thousand ranges stay under 1,000 history events', async () => {
  const [ranges, rangeRows] = [5, 3]
  const store = memoryStore()
  const broker = memoryBroker()
  await broker.createTopic({ topic: 'demo', partitions: PARTITIONS })
  for (let partition = 0; partition < PARTITIONS; partition++)
    broker.append('demo', partition, demoEvents(ranges * rangeRows, partition * 100))
  const clients = { store, broker, limits: { maxRangeRows: rangeRows, maxRangeBytes: 1_000_000 } }
  const stage = await stageFor(createIngestActivities({ ...clients, ingestRange: ingestRangeHere(clients) }))
  const handle = await startIngest(stage)
  const { rows } = await handle.result()
  expect(rows).toBe(PARTITIONS * ranges * rangeRows)
  const head = await headSnapshot({ store, source: sourceOf(aPlan(), await broker.clusterId()) })
  expect(head?.coverage).toHaveLength(PARTITIONS)
  expect((await handle.describe()).historyLength).toBeLessThan(MAX_EVENTS)
})

test('five thousand ranges are done once each', async () => {
  const backlog = openBacklog({ ranges: MANY_RANGES, partitions: PARTITIONS })
  const stage = await stageFor(backlog.activities)
  const handle = await startIngest(stage)
  const { rows, ranges, more } = await handle.result()
  expect(backlog.reads.every((times) => times === 1)).toBe(true)
  expect(backlog.commits.every((times) => times === 1)).toBe(true)
  expect([rows, more]).toEqual([MANY_RANGES, false])
  const end = MANY_RANGES / PARTITIONS
  expect(ranges).toEqual(Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, start: 0, end })))
  const lengths = await historyLengths(stage.client, handle.workflowId, handle.firstExecutionRunId)
  expect(lengths.length).toBeGreaterThan(1)
  expect(Math.max(...lengths)).toBeLessThan(MAX_EVENTS)
})

test('a retraining reports what all its runs read', async () => {
  const backlog = openBacklog({ ranges: MANY_RANGES, partitions: 1 })
  const stage = await stageFor(backlog.activities)
  const input: RetrainInput = { plan: aPlan({ name: stage.pipeline }), reason: 'person', by: 'a test' }
  const handle = await stage.client.workflow.start<typeof retrain>('retrain', {
    workflowId: `retrain/${stage.pipeline}`,
    taskQueue: stage.queue,
    args: [input],
  })
  const { ingested, outcome, stages } = await handle.result()
  expect(outcome).toBe('waiting for approval')
  expect(ingested).toEqual([{ partition: 0, start: 0, end: MANY_RANGES }])
  expect(stages[0]).toMatchObject({ stage: 'ingest', rows: MANY_RANGES })
  const lengths = await historyLengths(stage.client, handle.workflowId, handle.firstExecutionRunId)
  expect(Math.max(...lengths)).toBeLessThan(MAX_EVENTS)
})

test('a cancelled ingest stops reading and commits nothing', async () => {
  const reached = Promise.withResolvers<void>()
  const ends: Promise<unknown>[] = []
  const backlog = openBacklog({
    ranges: MANY_RANGES,
    partitions: PARTITIONS,
    async onBatch() {
      if (backlog.commits.every((times) => times === 0)) return
      ends.push(once(cancellationSignal(), 'abort')) // in the second round
      reached.resolve()
      for (;;) {
        heartbeat()
        await sleep(50)
      }
    },
  })
  const stage = await stageFor(backlog.activities)
  const handle = await startIngest(stage)
  await reached.promise
  await handle.cancel()
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } })
  await Promise.all(ends)
  expect(backlog.commits.filter((times) => times === 1)).toHaveLength(1_000)
  expect(backlog.commits.filter((times) => times > 1)).toHaveLength(0)
  expect(backlog.reads.filter((times) => times > 0)).toHaveLength(1_000)
})
