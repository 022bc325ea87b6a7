// The question to a person with skipped time: a week of reminders, then it expires; nothing happens at the deadline itself.
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPromoteActivities } from '../../activities/promote.ts'
import { loadConfig } from '../../core/config.ts'
import { ensureTemporalTestServer } from '../../infra/testing/temporal-test-server.ts'
import { readLedger } from '../../lake/ledger.ts'
import { memoryStore } from '../../lake/store/memory.ts'
import { promoteWorkflowId } from '../../schemas/ids.ts'
import { SEARCH_ATTRIBUTES } from '../../schemas/search-attributes.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import type { promote } from '../../workflows/promote.ts'
import { aQuestion } from './builders.ts'
import { happyActivities } from './stage.ts'

const DAY_MS = 24 * 3_600_000
/** Temporal's IndexedValueType */
const INDEXED = { Keyword: 2, Bool: 5 } as const

let environment: TestWorkflowEnvironment
let namespace: string

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const path = await ensureTemporalTestServer({ cacheDir: loadConfig().cacheDir, say: console.error })
  environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  })
  namespace = environment.namespace ?? 'default'
  const types = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, INDEXED[type]] as const)
  await environment.connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(types),
  })
})

afterAll(() => environment?.teardown())

test.each([
  { remindMs: DAY_MS, expireMs: 7 * DAY_MS, reminders: 6 },
  { remindMs: 2 * DAY_MS, expireMs: 7 * DAY_MS, reminders: 3 },
  { remindMs: 30 * DAY_MS, expireMs: 7 * DAY_MS, reminders: 0 },
])('after $reminders reminders the question expires', async ({ remindMs, expireMs, reminders }) => {
  const store = memoryStore()
  const reminded: number[] = []
  const activities = {
    ...happyActivities(store),
    ...createPromoteActivities({ store }),
    remind: async ({ reminder }: { reminder: number }) => void reminded.push(reminder),
  }
  const question = aQuestion()
  const plan = { ...question.plan, approval: { ...question.plan.approval, remindMs, expireMs } }
  const taskQueue = `time-${reminders}`
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    namespace,
    taskQueue,
    activities,
    workflowBundle: { codePath: await workflowBundle(loadConfig().cacheDir) },
  })
  const workflowId = promoteWorkflowId(plan.name, `${question.model.digest}-${reminders}`)
  const result = await worker.runUntil(
    environment.client.workflow.execute<typeof promote>('promote', {
      taskQueue,
      workflowId,
      args: [{ ...question, plan }],
    }),
  )
  expect(result).toMatchObject({ state: 'expired', via: 'timer', reminders })
  expect(reminded).toEqual(Array.from({ length: reminders }, (_, index) => index + 1))
  expect((await readLedger(store, plan.name)).state).toMatchObject({ champion: null, open: {} })
})
