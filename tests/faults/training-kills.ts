// node tests/faults/training-kills.ts [--kills 50] [--seed N] [--backend wasm]: kills trainers and workers of runs under Temporal at random steps, across the kinds of models.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../core/config.ts'
import { seededRandom } from '../../core/random.ts'
import { TEST_STATE_DIR } from '../../infra/places.ts'
import { joinServers } from '../../infra/servers/users.ts'
import type { BackendName } from '../../schemas/model.ts'
import { killRun } from './kill-run.ts'
import { openTrainingGround } from './training-ground.ts'

/** of one run: Temporal waits longer before each attempt */
const KILLS_EACH = 4

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, backend: { type: 'string' } },
})
const kills = Number(values.kills ?? 50)
const seed = Number(values.seed ?? randomInt(2 ** 31))
const backend = (values.backend ?? 'tensorflow') as BackendName
const servers = await joinServers({
  stateDir: TEST_STATE_DIR,
  cacheDir: loadConfig().cacheDir,
  say: (line) => console.error(line),
})
try {
  const ground = await openTrainingGround(servers.endpoints)
  console.log(`seed ${seed}, ${kills} kills on ${backend}`)
  const random = seededRandom(seed)
  const startMs = performance.now()
  let [done, bad] = [0, 0]
  for (let round = 0; done < kills; round++) {
    const training = ground.cases[round % ground.cases.length]!
    const count = Math.min(KILLS_EACH, kills - done)
    const result = await killRun(servers.endpoints, ground, training, { backend, kills: count, random })
    done += count
    const same = result.found === result.expected
    if (!same) bad += 1
    const killed = result.killed.map(({ victim, step }) => `${victim} behind step ${step}`)
    console.log(`${same ? 'same bits ' : 'OTHER BITS'}  ${result.name}: killed ${killed.join(', ')}`)
  }
  ground.close()
  console.log(
    `${done} kills, ${((performance.now() - startMs) / 1_000).toFixed(0)} s: ${bad} trainings with other bits`,
  )
  process.exitCode = bad === 0 ? 0 : 1
} finally {
  await servers.leave()
}
