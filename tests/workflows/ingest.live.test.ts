// Ingest on a real Temporal server with the memory twins of broker and store.

import { afterEach, expect, inject, test } from 'vitest'
import { createIngestActivities } from '../../activities/ingest.ts'
import { loadConfig } from '../../core/config.ts'
import { headSnapshot, snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { memoryBroker } from '../../stream/kafka/memory.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { demoEvents } from '../activities/twins.ts'
import { aPlan } from './builders.ts'
import { openStage, type Stage } from './stage.ts'

const open: Stage[] = []
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
})

test('two runs at once commit one gapless chain', async () => {
  const store = memoryStore()
  const broker = memoryBroker()
  await broker.createTopic({ topic: 'demo', partitions: 3 })
  const clients = { store, broker, limits: { maxRangeRows: 10, maxRangeBytes: 1_000_000 } }
  const activities = createIngestActivities({ ...clients, ingestRange: ingestRangeHere(clients) })
  const stage = await openStage({ endpoints: inject('endpoints'), cacheDir: loadConfig().cacheDir, activities })
  open.push(stage)
  const plan = aPlan()
  const run = (name: string) =>
    stage.client.workflow.execute<typeof ingest>('ingest', {
      taskQueue: stage.queue,
      workflowId: `${name}/${stage.pipeline}`,
      args: [{ plan }],
    })

  let sent = 0
  for (let round = 0; round < 3; round++) {
    for (const partition of [0, 1, 2]) {
      broker.append('demo', partition, demoEvents(55, sent))
      sent += 55
    }
    await Promise.all([run('one'), run('two'), run('three')])
  }

  const source = sourceOf(plan, await broker.clusterId())
  const head = await headSnapshot({ store, source })
  expect(head?.coverage).toEqual([0, 1, 2].map((partition) => ({ partition, start: 0, end: 165 })))
  const { segments } = await snapshotSegments({ store, snapshot: head!.snapshot })
  expect(segments.reduce((total, { rows }) => total + rows, 0)).toBe(sent)
})
