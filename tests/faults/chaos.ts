// npm run chaos [-- --count 3000] [--seed N]: random fault schedules against real Kafka and a real S3 server. --seed repeats one.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../core/config.ts'
import { TEST_STATE_DIR } from '../../infra/places.ts'
import { joinServers } from '../../infra/servers/users.ts'
import { openGround } from './ground.ts'
import { describeViolation, runSchedules } from './schedule.ts'

const DEFAULT_COUNT = 3_000
const REPORT_EVERY = 250

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } })
const count = values.seed === undefined ? Number(values.count ?? DEFAULT_COUNT) : 1
const first = Number(values.seed ?? randomInt(2 ** 31))
const { cacheDir, s3Server } = loadConfig()
const servers = await joinServers({ stateDir: TEST_STATE_DIR, cacheDir, s3Server, say: (line) => console.error(line) })
try {
  const ground = await openGround(servers.endpoints)
  console.log(`seeds ${first} to ${first + count - 1}`)
  const startMs = performance.now()
  let done = 0
  const outcomes = await runSchedules(ground, {
    seeds: Array.from({ length: count }, (_, i) => first + i),
    parallel: 12,
    onOutcome(outcome) {
      if (outcome.violations.length > 0) console.log(describeViolation(outcome))
      if (++done % REPORT_EVERY === 0) console.log(`${done} of ${count}`)
    },
  })
  await ground.close()
  const sum = (of: 'faults' | 'crashes') => outcomes.reduce((total, outcome) => total + outcome[of], 0)
  const bad = outcomes.filter(({ violations }) => violations.length > 0).length
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
  console.log(
    `${count} schedules, ${sum('faults')} faults, ${sum('crashes')} crashes, ${seconds} s: ${bad} with violations`,
  )
  process.exitCode = bad === 0 ? 0 : 1
} finally {
  await servers.leave()
}
