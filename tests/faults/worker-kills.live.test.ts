// A worker that is killed in the midst of a stage is noticed within ten seconds, one that is stopped hands over at once, and what is
// noted is not done again.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { retrainWorkflowId } from '../../schemas/ids.ts'
import { type LiveWorker, spawnWorker } from '../cli/live-worker.ts'
import { sluice, sluiceJson } from '../cli/streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from '../cli/temporary-project.ts'
import { type FaultProxy, type Operation, startFaultProxy } from './proxy.ts'

const NOTICED_WITHIN_MS = 10_000
/** from there to the next attempt: the pause before it, and a busy machine */
const AGAIN_WITHIN_MS = 2_500
const HEARTBEAT_TIMEOUT = 4
/** longer than a test */
const HELD_MS = 300_000

const endpoints = inject('endpoints')
let connection: Connection
let project: TemporaryProject
let proxy: FaultProxy | undefined
let workers: LiveWorker[] = []

beforeAll(async () => {
  connection = await Connection.connect({ address: endpoints.temporal.address })
})
afterAll(() => connection.close())
beforeEach(async () => {
  project = await temporaryProject(endpoints)
  await sluice(['apply', 'pears', '--partitions', '1'], project.env)
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(400))
  await sluice(['send', 'pears', '--file', file], project.env)
})
afterEach(async () => {
  for (const { child } of workers) child.kill('SIGKILL')
  workers = []
  await proxy?.close()
  project.remove()
})

async function startWorker(env: Readonly<Record<string, string>>): Promise<LiveWorker> {
  const worker = spawnWorker({ ...project.env, ...env })
  workers.push(worker)
  await worker.ready
  return worker
}

/** A store that takes its time over requests of this kind, until it is released; `reached`: the first one came. */
async function holdingStore(operation: Operation, path: RegExp) {
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  let isOver = false
  const choose = (asked: Operation, url: string) => {
    if (isOver || asked !== operation || !path.test(url)) return null
    resolve()
    return 'slow'
  }
  const slow = await startFaultProxy({ target: endpoints.s3.endpoint!, choose, slowMs: HELD_MS })
  const release = (): void => {
    isOver = true
  }
  return { proxy: slow, reached, release }
}

/** When the activity's last attempt began, and what ended the one before. */
async function lastAttemptOf(activity: string) {
  const client = new Client({ connection, namespace: project.env.SLUICE_TEMPORAL_NAMESPACE! })
  const { events } = await client.workflow.getHandle(retrainWorkflowId('pears')).fetchHistory()
  const scheduled = events?.filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  )
  const ids = scheduled?.map(({ eventId }) => String(eventId))
  const started = events?.find(
    ({ activityTaskStartedEventAttributes: attributes }) =>
      attributes != null && Number(attributes.attempt) > 1 && ids?.includes(String(attributes.scheduledEventId)),
  )
  const { seconds, nanos } = started?.eventTime ?? {}
  const failure = started?.activityTaskStartedEventAttributes?.lastFailure
  return {
    atMs: Number(seconds) * 1_000 + Number(nanos) / 1e6,
    timeout: failure?.timeoutFailureInfo?.timeoutType,
    after: failure?.applicationFailureInfo?.type,
  }
}

test.each<[string, Operation, RegExp]>([
  ['planIngest', 'list', /snapshots/],
  ['ingestRanges', 'segment PUT', /segments/],
  ['cleanSnapshot', 'list', /stages(%2F|\/)pears(%2F|\/)clean/],
  ['evaluateCandidate', 'list', /stages(%2F|\/)pears(%2F|\/)evaluate/],
])('killed in %s', { timeout: 180_000 }, async (activity, operation, path) => {
  const store = await holdingStore(operation, path)
  proxy = store.proxy
  const killed = await startWorker({ SLUICE_S3_ENDPOINT: store.proxy.endpoint })
  const run = sluiceJson(['run', 'pears'], project.env)
  await store.reached
  await delay(1_500) // a heartbeat or two
  store.release()
  killed.child.kill('SIGKILL')
  const killedMs = Date.now()
  await startWorker({})
  expect((await run).code).toBe(0)
  const { atMs, timeout } = await lastAttemptOf(activity)
  console.log(`${activity}: the next attempt began ${Math.round(atMs - killedMs)} ms after the kill`)
  expect(timeout).toBe(HEARTBEAT_TIMEOUT)
  expect(atMs - killedMs).toBeLessThan(NOTICED_WITHIN_MS + AGAIN_WITHIN_MS)
})

test.each<[string, Operation, RegExp]>([
  ['planIngest', 'list', /snapshots/],
  ['ingestRanges', 'segment PUT', /segments/],
  ['cleanSnapshot', 'list', /stages(%2F|\/)pears(%2F|\/)clean/],
])('stopped in %s, while the store is silent', { timeout: 180_000 }, async (activity, operation, path) => {
  const store = await holdingStore(operation, path)
  proxy = store.proxy
  const stopped = await startWorker({ SLUICE_S3_ENDPOINT: store.proxy.endpoint })
  const run = sluiceJson(['run', 'pears'], project.env)
  await store.reached
  await delay(1_500)
  store.release()
  const other = startWorker({})
  await delay(3_000) // it is there, so that nothing but the hand-over is waited for
  const stoppedMs = Date.now()
  expect(await stopped.stop(), stopped.log.join('')).toEqual([0, null])
  const tookMs = Date.now() - stoppedMs
  await other
  expect((await run).code).toBe(0)
  const { atMs, after } = await lastAttemptOf(activity)
  console.log(
    `${activity}: the worker ended after ${tookMs} ms, the next attempt began after ${Math.round(atMs - stoppedMs)} ms`,
  )
  expect(after).toBe('WorkerShutdown')
  expect(tookMs).toBeLessThan(2_500)
})

test('pieces that are noted are not read again', { timeout: 180_000 }, async () => {
  const small = { SLUICE_MAX_RANGE_BYTES: '1200' } // about twenty pieces of one range
  const puts: string[] = []
  const enough = Promise.withResolvers<void>()
  const choose = (asked: Operation, url: string) => {
    if (asked !== 'segment PUT') return null
    if (puts.push(url.split('?')[0]!) === 12) enough.resolve()
    return 'slow'
  }
  proxy = await startFaultProxy({ target: endpoints.s3.endpoint!, choose, slowMs: 400 })
  const env = { ...small, SLUICE_S3_ENDPOINT: proxy.endpoint }
  const killed = await startWorker(env)
  const ingest = sluiceJson(['ingest', 'pears'], project.env)
  await enough.promise
  await delay(1_200) // the note travels with the next heartbeat
  killed.child.kill('SIGKILL')
  const before = [...puts]
  await startWorker(env)
  expect((await ingest).answer).toMatchObject({ rows: 400, rejects: 1 })
  const again = puts.slice(before.length).filter((put) => before.includes(put))
  console.log(`${before.length} pieces before the kill, ${again.length} of them a second time`)
  expect(again).not.toContain(before[0])
  expect(again.length).toBeLessThan(before.length - 4)
  expect((await sluiceJson(['verify', 'pears'], project.env)).answer).toMatchObject({ ok: true })
})
