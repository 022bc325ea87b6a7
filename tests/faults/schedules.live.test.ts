// Three hundred random fault schedules against real Kafka and a real S3 server: zero violations.
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Ground, openGround } from './ground.ts'
import { describeViolation, runSchedules } from './schedule.ts'

const COUNT = 300

let ground: Ground
beforeAll(async () => {
  ground = await openGround(inject('endpoints'))
})
afterAll(() => ground.close())

test('random fault schedules violate nothing', { timeout: 600_000 }, async () => {
  const first = randomInt(2 ** 31)
  console.log(`seeds ${first} to ${first + COUNT - 1}`)
  const seeds = Array.from({ length: COUNT }, (_, i) => first + i)
  const outcomes = await runSchedules(ground, { seeds, parallel: 16 })
  expect(outcomes.filter(({ violations }) => violations.length > 0).map(describeViolation)).toEqual([])
  // a schedule in which nothing goes wrong proves nothing
  expect(outcomes.filter(({ faults, crashes }) => faults + crashes > 0).length).toBeGreaterThan(COUNT / 2)
})
