// A wait is told once, however many attempts end in it, and again after something went well.
import { expect, test } from 'vitest'
import { tellWaits } from '../../../cli/waiting/tell-waits.ts'

const RETRY_S = 60
const at = (ms: number) => ({ seconds: Math.floor(ms / 1_000) as never, nanos: 0 })

/** A run whose activity is what `pending` says at the time. */
function teller(pending: () => object[]) {
  const lines: string[] = []
  const handle = {
    describe: async () => ({
      raw: { executionConfig: { taskQueue: { name: 'q' } }, pendingActivities: pending() },
    }),
  }
  const client = { options: { namespace: 'n' }, withDeadline: (_ms: number, call: () => unknown) => call() }
  const progress = { update: () => {}, line: (line: string) => void lines.push(line) }
  return { lines, ...tellWaits({ client, handle, servers: undefined } as never, progress) }
}

test('the same failure of every attempt is told once', async () => {
  const activityType = { name: 'ingestRanges' }
  let attempt = 1
  let state = 2
  let lastFailure: object | undefined
  const { look, lines } = teller(() => [
    {
      activityType,
      attempt,
      state,
      lastFailure,
      lastStartedTime: at(Date.now()),
      nextAttemptScheduleTime: at(Date.now() + RETRY_S * 1_000),
    },
  ])
  const fail = async (message: string) => {
    await look() // the attempt runs
    ;[state, attempt, lastFailure] = [1, attempt + 1, { message }]
    await look()
    state = 2
  }
  await fail('no route')
  await fail('no route')
  await fail('no route')
  expect(lines).toEqual(['  waits: failed: no route', '    next: nothing yet: it is tried again by itself'])
  await fail('disk full')
  expect(lines).toHaveLength(4)
  lastFailure = undefined // it went well, another activity runs
  await fail('disk full')
  expect(lines).toHaveLength(6)
})
