// Who stops watching a run leaves no call behind that meets a closed connection.
import { expect, test } from 'vitest'
import { type FollowRun, followRun } from '../../../cli/output/follow-run.ts'
import type { Progress } from '../../../cli/output/progress.ts'

const silent: Progress = { update() {}, line() {}, close() {} }

test('watching ends after its last call', async () => {
  const stop = new AbortController()
  const told: string[] = []
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<never>()
  const client = { withDeadline: (_deadline: number, call: () => Promise<unknown>) => call() }
  const handle = {
    result: () => new Promise(() => {}),
    query: () => {
      asked.resolve()
      return answer.promise.finally(() => told.push('answered'))
    },
  }
  const options = { client, handle, progress: silent, signal: stop.signal } as unknown as FollowRun
  const following = followRun(options).catch((reason: unknown) => {
    told.push('stopped')
    return reason
  })
  await asked.promise
  stop.abort()
  await new Promise(setImmediate)
  answer.reject(new Error('unavailable'))
  expect(await following).toBe(stop.signal.reason)
  expect(told).toEqual(['answered', 'stopped'])
})
