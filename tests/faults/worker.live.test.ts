// The real worker, driven by Temporal, ingests through the fault proxy while it is killed again and again: every offset once.
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { loadPipeline } from '../../plan/registry.ts'
import { sourceOf } from '../../stages/ingest/source.ts'
import { type LiveWorker, spawnWorker } from '../cli/live-worker.ts'
import { sluiceJson } from '../cli/streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from '../cli/temporary-project.ts'
import { FAULTS, type Fault, type FaultProxy, type Operation, startFaultProxy } from './proxy.ts'
import { openReadBack } from './read-back.ts'

const EVENTS = 400
/** Small ranges, so that there is much to go wrong. */
const MAX_RANGE_ROWS = 20
const INJECTED = FAULTS.filter((fault) => fault !== 'kill')
/** So that the run ends. */
const MAX_FAULTS = 30
const SHARE = 0.2

const endpoints = inject('endpoints')
let project: TemporaryProject
let proxy: FaultProxy
let worker: LiveWorker | undefined
let kills = 0
let isOver = false

beforeAll(async () => {
  project = await temporaryProject(endpoints)
})
afterAll(async () => {
  isOver = true
  worker?.child.kill('SIGKILL')
  await proxy?.close()
  project.remove()
})

/** Kills at one of the first segments and at the first commit, when the server has acted; the rest goes wrong at random. */
function faultsOf(seed: number): (operation: Operation) => Fault | null {
  const random = seededRandom(seed)
  let segmentsLeft = 1 + Math.floor(random() * 6)
  let commitsLeft = 1
  let faults = 0
  return (operation) => {
    if (operation === 'segment PUT' && --segmentsLeft === 0) return 'kill'
    if (operation === 'manifest PUT' && --commitsLeft === 0) return 'kill'
    if (faults >= MAX_FAULTS || random() >= SHARE) return null
    faults++
    return INJECTED[Math.floor(random() * INJECTED.length)]!
  }
}

/** A worker whose store lies behind the proxy; started again whenever it is killed. Resolves when the first one is ready. */
function superviseWorker(): Promise<void> {
  return new Promise((ready, failed) => {
    const start = (): void => {
      const env = {
        ...project.env,
        SLUICE_S3_ENDPOINT: proxy.endpoint,
        SLUICE_MAX_RANGE_ROWS: String(MAX_RANGE_ROWS),
        SLUICE_COMPACT_RANGES: '0',
      }
      const live = spawnWorker(env, ['--queues', 'main'])
      worker = live
      live.ready.then(ready, () => {}) // killed before it was: the next one is
      live.child.once('exit', (code, signal) => {
        if (isOver) return
        if (signal === 'SIGKILL') start()
        else failed(new Error(`the worker ended with ${code ?? signal}: ${live.log.join('')}`))
      })
    }
    start()
  })
}

async function json(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, stderr, answer } = await sluiceJson(argv, project.env)
  expect(code, stderr).toBe(0)
  return answer
}

test('a killed worker ingests every offset once', { timeout: 240_000 }, async (context) => {
  const seed = randomInt(2 ** 31)
  console.log(`seed ${seed}`)
  const choose = faultsOf(seed)
  const onKill = (): void => {
    kills++
    worker?.child.kill('SIGKILL')
  }
  proxy = await startFaultProxy({ target: endpoints.s3.endpoint!, choose, onKill })
  await json('apply', 'pears', '--partitions', '3')
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(EVENTS))
  await json('send', 'pears', '--file', file)
  await superviseWorker()
  await json('ingest', 'pears')

  expect(kills, `seed ${seed}`).toBe(2)
  expect(proxy.injected(), `seed ${seed}`).toBeGreaterThan(2)
  const verified = await json('verify', 'pears')
  expect(verified, `seed ${seed}`).toMatchObject({
    ok: true,
    source: { offsets: EVENTS + 1, rows: EVENTS, rejects: 1 },
  })
  const plan = await loadPipeline(project.directory, 'pears')
  const readBack = await openReadBack(endpoints)
  if (!readBack.ok) return context.skip(readBack.why)
  const place = { topic: plan.source.topic, source: sourceOf(plan, '').id, bucket: project.env.SLUICE_S3_BUCKET! }
  expect(await readBack.compare({ ...place, lakes: { worker: '' } })).toEqual({ worker: 'every offset once' })
})
