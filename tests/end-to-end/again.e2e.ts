// Runs at once and runs again, on real servers: one gapless chain, and nothing written when nothing is new.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT_DIR } from '../../infra/places.ts'
import { snapshotSegments } from '../../lake/snapshots/snapshots.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { MAIN_QUEUE } from '../../schemas/ids.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import { connectBroker } from '../../stream/kafka/connect.ts'
import type { ingest } from '../../workflows/ingest.ts'
import { openStack, type Stack } from './stack.ts'

const PIPELINE = 'diagnosis'
const RUNS_AT_ONCE = 3

let stack: Stack

beforeAll(async () => {
  stack = await openStack({ name: 'again' })
  await answer('apply', PIPELINE)
  await answer('send', PIPELINE)
  // ranges of a few rows: every run has many to read, and the commits meet
  stack.start(['worker'], { SLUICE_MAX_RANGE_ROWS: '20' })
})

afterAll(() => stack?.close())

test('runs at once commit one gapless chain', async () => {
  const plan = await loadPipeline(ROOT_DIR, PIPELINE)
  const ingested = await Promise.all(
    Array.from({ length: RUNS_AT_ONCE }, (_, run) =>
      stack.client.workflow.execute<typeof ingest>('ingest', {
        taskQueue: MAIN_QUEUE,
        workflowId: `ingest/${run}`,
        args: [{ plan }],
      }),
    ),
  )
  const [first, ...others] = ingested.map(({ snapshot }) => snapshot!)
  for (const other of others) expect(other.rows + other.rejects).toBe(first!.rows + first!.rejects)

  const store = openS3Store(stack.endpoints.s3)
  const newest = [first!, ...others].reduce((a, b) => (b.version > a.version ? b : a))
  // reading the chain checks every parent; the parts must meet end to start in every partition
  const { coverage, segments, rejects } = await snapshotSegments({ store, snapshot: newest })
  store.close()
  expect(coverage.map(({ partition, end }) => [partition, end])).toEqual(await endsOf(plan.source.topic))
  const records = [...segments, ...rejects].reduce((total, { rows }) => total + rows, 0)
  expect(records).toBe(coverage.reduce((total, { start, end }) => total + end - start, 0))
})

test('a run with nothing new writes nothing', async () => {
  await answer('run', PIPELINE)
  const waiting = await keys()
  expect(await stagesOfRun()).toEqual([])
  expect(await keys()).toEqual(waiting)

  await answer('approve', PIPELINE, '--reason', 'looks good')
  const live = await keys()
  expect(live.length).toBe(waiting.length + 1) // the ledger's entry
  expect(await stagesOfRun()).toEqual([])
  expect(await keys()).toEqual(live)
})

/** Stages that worked in a run from now, or that do not say why they were reused. */
async function stagesOfRun(): Promise<unknown[]> {
  const { stages } = (await answer('run', PIPELINE)) as RetrainResult
  return stages.filter(({ reused, why }) => !reused || why === '')
}

async function endsOf(topic: string): Promise<[number, number][]> {
  const broker = await connectBroker({ brokers: stack.endpoints.kafka.brokers })
  const ends = await broker.topicEnds(topic)
  await broker.close()
  return ends.map(({ partition, lastStableOffset }) => [partition, lastStableOffset])
}

async function keys(): Promise<string[]> {
  const store = openS3Store(stack.endpoints.s3)
  const all = await Array.fromAsync(store.list(''))
  store.close()
  return all
}

async function answer(...args: string[]): Promise<unknown> {
  const { code, json, text } = await stack.sluice(args)
  expect(code, text).toBe(0)
  return json
}
