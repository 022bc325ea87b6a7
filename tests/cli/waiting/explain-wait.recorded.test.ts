// What a run waits for, from what real servers said of runs that waited, and from changes to that.
import { readdirSync, readFileSync } from 'node:fs'
import { defaultPayloadConverter } from '@temporalio/client'
import { describe, expect, test } from 'vitest'
import { explainWait } from '../../../cli/waiting/explain-wait.ts'
import type { PendingActivity, Seen } from '../../../cli/waiting/seen.ts'
import { SILENT } from '../../../workers/servers/reach.ts'

const RECORDED = new URL('recorded/', import.meta.url)
/** SLUICE_RECORD=1 npm test -- tests/cli/waits.live.test.ts writes them. */
const recorded = (name: string): Seen => JSON.parse(readFileSync(new URL(`${name}.json`, RECORDED), 'utf8')) as Seen

const EXPECTED: Readonly<Record<string, readonly [what: string, next: string]>> = {
  'no-worker': ['no worker runs (queue sluice-main)', 'start one: `sluice worker`'],
  'killed-worker': ['no worker takes work from queue sluice-main: ', '`sluice worker` starts another one'],
  'no-gpu': ['no worker runs for trainings on a GPU (queue sluice-train-gpu)', '`sluice worker --queues gpu`'],
  'busy-slot': ['the worker of queue sluice-train-cpu is busy with retrain/plums (train)', 'when that one has ended'],
  'missing-attribute': ['Temporal refuses a search attribute', '--name SluiceStage --type Keyword'],
  'other-version': ['other workflow code', 'start a worker of that version'],
}

test('every record has its explanation', () => {
  const names = readdirSync(RECORDED).map((name) => name.replace('.json', ''))
  expect(names.sort()).toEqual(Object.keys(EXPECTED).sort())
})

test.each(Object.entries(EXPECTED))('%s', (name, [what, next]) => {
  expect(explainWait(recorded(name))).toMatchObject({
    what: expect.stringContaining(what),
    next: expect.stringContaining(next),
  })
})

const NOW_MS = Date.parse('2026-11-30T12:00:00Z')
const ago = (seconds: number) => ({ seconds: (NOW_MS / 1_000 - seconds) as never, nanos: 0 })

/** A run with one activity, as it is seen now. */
function seen(activity: Partial<PendingActivity>, changes: Partial<Seen> = {}): Seen {
  const run = {
    executionConfig: { taskQueue: { name: 'sluice-main' } },
    pendingActivities: [{ activityType: { name: 'ingestRanges' }, attempt: 1, state: 2, ...activity }],
  }
  const base = { nowMs: NOW_MS, namespace: 'n', run, taskFailure: null, queues: {}, unreachable: [] }
  return { ...base, ...changes } as unknown as Seen
}

const whatOf = (of: Seen): string | undefined => explainWait(of)?.what

describe('an activity that goes on', () => {
  test('waits for nothing', () => {
    expect(explainWait(seen({ lastStartedTime: ago(60), lastHeartbeatTime: ago(1) }))).toBeNull()
    expect(explainWait(seen({ state: 1, scheduledTime: ago(1) }))).toBeNull() // it takes a moment to be taken
  })

  test('a server that is away is named once it takes its time', () => {
    const unreachable = [{ name: 'S3', address: 'http://s3', why: 'connect ECONNREFUSED' }] as const
    const at = (seconds: number) => seen({ lastStartedTime: ago(seconds), lastHeartbeatTime: ago(0) }, { unreachable })
    expect(explainWait(at(1))).toBeNull()
    expect(whatOf(at(4))).toBe('S3 at http://s3 takes no connections from here: connect ECONNREFUSED')
  })

  test('Kafka is named where it is needed', () => {
    const unreachable = [{ name: 'Kafka', address: 'k:9092', why: 'no connection within 2 s' }] as const
    const of = (name: string) =>
      seen({ activityType: { name }, lastStartedTime: ago(9), lastHeartbeatTime: ago(0) }, { unreachable })
    expect(whatOf(of('planIngest'))).toContain('Kafka at k:9092')
    expect(explainWait(of('trainModel'))).toBeNull()
  })

  test('a server that is there and silent is told from one that is away', () => {
    const unreachable = [{ name: 'Kafka', address: 'k:9092', why: `${SILENT} within 1 s` }] as const
    const of = seen({ lastStartedTime: ago(4), lastHeartbeatTime: ago(0) }, { unreachable })
    expect(whatOf(of)).toBe('Kafka at k:9092 does not answer: it takes connections and answers nothing within 1 s')
  })

  test('a silent worker is named', () => {
    const of = seen({ lastStartedTime: ago(60), lastHeartbeatTime: ago(6), lastWorkerIdentity: '7@host' })
    expect(whatOf(of)).toBe('the worker 7@host, which has ingestRanges, has been silent since 2026-11-30T11:59:54.000Z')
  })
})

describe('between two attempts', () => {
  const between = (lastFailure: unknown, more: Partial<PendingActivity> = {}) =>
    seen({
      state: 1,
      attempt: 3,
      nextAttemptScheduleTime: ago(-5),
      lastWorkerIdentity: '7@host',
      ...more,
      lastFailure,
    } as never)

  test('a failure of the catalogue says what to do', () => {
    const facts = { operation: 'PUT', key: 'k', detail: 'SlowDown' }
    const details = { payloads: [defaultPayloadConverter.toPayload(facts)] }
    const wait = explainWait(between({ message: 'm', applicationFailureInfo: { type: 'STORE_UNAVAILABLE', details } }))
    expect(wait?.what).toBe('failed: STORE_UNAVAILABLE: S3 PUT k: SlowDown')
    expect(wait?.progress).toBe('attempt 3 follows')
    expect(wait?.next).toContain('work goes on by itself when it is back')
  })

  test.each([
    [{ message: 'odd\n  at x', applicationFailureInfo: { type: 'Error' } }, 'failed: odd'],
    [{ message: 'timeout', timeoutFailureInfo: { timeoutType: 4 } }, 'the worker 7@host was lost'],
    [{ message: 'm', applicationFailureInfo: { type: 'WorkerShutdown' } }, 'the worker 7@host was stopped'],
  ])('%j is the same wait, whatever attempt follows', (lastFailure, what) => {
    for (const attempt of [3, 4])
      expect(explainWait(between(lastFailure, { attempt }))).toMatchObject({
        what,
        progress: `attempt ${attempt} follows`,
      })
  })

  test('one that is due and not taken waits for a worker', () => {
    const due = { nextAttemptScheduleTime: ago(3) }
    expect(whatOf(between({ message: 'timeout', timeoutFailureInfo: { timeoutType: 4 } }, due))).toBe(
      'no worker runs (queue sluice-main)',
    )
  })
})

describe('somebody paused', () => {
  test('an activity', () => {
    const pauseInfo = { manual: { identity: 'ada', reason: 'broker moves' } }
    expect(whatOf(seen({ state: 4, pauseInfo }))).toBe('the activity ingestRanges was paused by ada: broker moves')
  })

  test('the run', () => {
    const of = seen({})
    const run = {
      ...of.run,
      workflowExecutionInfo: { status: 8 },
      workflowExtendedInfo: { pauseInfo: { identity: 'ada' } },
    }
    expect(whatOf({ ...of, run } as unknown as Seen)).toBe('the run was paused by ada')
  })
})

test('code that fails is told with its error', () => {
  const pendingWorkflowTask = { attempt: 4, state: 1, scheduledTime: ago(1) }
  const of = seen({}, { taskFailure: { cause: 14, message: 'x is not a function\n at y' } })
  const run = { ...of.run, pendingWorkflowTask }
  expect(whatOf({ ...of, run } as unknown as Seen)).toBe("the workflow's code fails: x is not a function")
})
