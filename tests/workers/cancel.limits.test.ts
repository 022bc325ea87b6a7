// From a request to cancel until the trainer is gone: 5 s at most, by the constants that bound each part.
import { expect, test } from 'vitest'
import { BEAT_EVERY_MS } from '../../activities/beating.ts'
import { GRACE_MS as PROGRAM_GRACE_MS } from '../../stages/train/external/program.ts'
import { GRACE_MS } from '../../workers/trainer/run-trainer.ts'
import { ACTIVITY_TABLE } from '../../workflows/proxies.ts'

const LIMIT_MS = 5_000

test('a cancelled trainer is gone in time', () => {
  // a request is told with the answer to the next heartbeat; then SIGTERM, then SIGKILL
  expect(BEAT_EVERY_MS + GRACE_MS).toBeLessThanOrEqual(LIMIT_MS)
})

test("a user's program is ended before its caller", () => {
  expect(PROGRAM_GRACE_MS).toBeLessThan(GRACE_MS) // else it would be left behind
})

test('some heartbeats may be late', () => {
  const { heartbeatTimeout } = ACTIVITY_TABLE.train
  expect(Number.parseInt(heartbeatTimeout, 10) * 1_000).toBeGreaterThanOrEqual(5 * BEAT_EVERY_MS)
})
