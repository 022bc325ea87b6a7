// Many partitions with many ranges each: how long the history of an ingest becomes.
import { afterEach, expect, inject, test } from 'vitest'
import { createIngestActivities } from '../../activities/ingest.ts'
import { sourceOf } from '../../activities/source.ts'
import { loadConfig } from '../../core/config.ts'
import { memoryStore } from '../../lake/memory.ts'
import { headSnapshot } from '../../lake/snapshots.ts'
import { memoryBroker } from '../../stream/memory.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { demoEvents } from '../activities/twins.ts'
import { aPlan } from './builders.ts'
import { openStage, type Stage } from './stage.ts'

const PARTITIONS = 200
const RANGES = 5
const RANGE_ROWS = 3

const open: Stage[] = []
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
})

test('a thousand ranges stay under 1,000 history events', async () => {
  const store = memoryStore()
  const broker = memoryBroker()
  await broker.createTopic({ topic: 'demo', partitions: PARTITIONS })
  for (let partition = 0; partition < PARTITIONS; partition++)
    broker.append('demo', partition, demoEvents(RANGES * RANGE_ROWS, partition * 100))
  const limits = { maxRangeRows: RANGE_ROWS, maxRangeBytes: 1_000_000 }
  const activities = createIngestActivities({ store, broker, limits })
  const stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir, activities })
  open.push(stage)
  const plan = aPlan()
  const handle = await stage.client.workflow.start<typeof ingest>('ingest', {
    ...{ taskQueue: stage.queue, workflowId: `fan-out/${stage.pipeline}`, args: [{ plan }] },
  })
  const { rows } = await handle.result()
  expect(rows).toBe(PARTITIONS * RANGES * RANGE_ROWS)
  const head = await headSnapshot({ store, source: sourceOf(plan, await broker.clusterId()) })
  expect(head?.coverage).toHaveLength(PARTITIONS)
  expect((await handle.describe()).historyLength).toBeLessThan(1_000)
})
