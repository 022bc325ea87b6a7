// The real trainer process on a real store: killed at random it ends with the same model; and it never outlives its parent.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { childEnvironment } from '../../../core/config.ts'
import { sha256 } from '../../../core/digest.ts'
import { seededRandom } from '../../../core/random.ts'
import { readJson } from '../../../lake/store/objects.ts'
import type { BackendName, ModelRef } from '../../../schemas/model.ts'
import type { Plan } from '../../../schemas/plan.ts'
import type { TrainerJob, TrainerLine } from '../../../schemas/trainer.ts'
import type { Evaluation } from '../../../schemas/verdict.ts'
import { runTrainer } from '../../../workers/trainer/run-trainer.ts'
import { openTensorflow } from '../../ml/builders.ts'
import { PLAN } from '../../ml/flowers.ts'
import { openTrainerLake, type TrainerLake } from './trainer-lake.ts'

const program = fileURLToPath(new URL('../../../workers/trainer/trainer.ts', import.meta.url))
const plan: Plan = { ...PLAN, train: { ...PLAN.train, batch: 16, epochs: 10, checkpointEvery: 60 } }
let lake: TrainerLake
/** wasm runs operation by operation, TensorFlow the compiled graph */
const BACKENDS = [
  { backend: 'wasm', engine: 'eager', here: true },
  { backend: 'tensorflow', engine: 'compiled', here: (await openTensorflow()) !== null },
] as const

beforeAll(async () => {
  lake = await openTrainerLake(inject('endpoints'), 2000)
})
afterAll(() => lake.store.close())

function trainJob(training: string, backend: BackendName): TrainerJob {
  return { job: 'train', plan, dataset: lake.dataset, inputs: sha256(training), code: 'code', backend }
}

async function run(job: TrainerJob, onLine: (line: TrainerLine) => void = () => {}): Promise<TrainerLine> {
  const { endpoints } = lake
  const signal = new AbortController().signal
  return await runTrainer(job, { endpoints, config: { projectDir: process.cwd() }, signal, onLine })
}

async function train(training: string, backend: BackendName = 'wasm'): Promise<ModelRef> {
  const line = await run(trainJob(training, backend))
  if (line.type !== 'trained') throw new Error(`ended with ${line.type}`)
  return line.model
}

/** Starts the trainer by hand and kills it `delayMs` after its `saves`-th checkpoint, at whatever step it is then. → where it started. */
async function trainAndKill(job: TrainerJob, { saves, delayMs }: { saves: number; delayMs: number }): Promise<number> {
  const child = spawn(process.execPath, [program], { env: childEnvironment(lake.endpoints) })
  child.stdin.write(`${JSON.stringify(job)}\n`)
  let [seen, fromStep] = [0, -1]
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as TrainerLine
    if (line.type === 'started') fromStep = line.fromStep
    if (line.type === 'checkpoint') seen += 1
    if (line.type === 'checkpoint' && seen === saves) setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
  return fromStep
}

describe('the trainer process', () => {
  it.for(BACKENDS)(
    'survives kill -9 on $backend with the same model',
    { timeout: 240_000 },
    async ({ backend, engine, here }, { skip }) => {
      skip(!here, 'the native library is not built')
      const whole = await train('undisturbed', backend)
      const seed = Math.floor(Math.random() * 2 ** 32)
      const random = seededRandom(seed)
      const starts: number[] = []
      for (let attempt = 0; attempt < 4; attempt++) {
        const when = { saves: 1 + Math.floor(random() * 4), delayMs: Math.floor(random() * 40) }
        starts.push(await trainAndKill(trainJob('killed', backend), when))
      }
      const resumed: TrainerLine[] = []
      const line = await run(trainJob('killed', backend), (each) => resumed.push(each))
      expect(line, `seed ${seed}, attempts from ${starts}`).toEqual({ type: 'trained', model: whole })
      expect(resumed[0], `seed ${seed}`).toMatchObject({
        type: 'started',
        fromStep: expect.any(Number),
        engine: { kind: engine },
      })
      expect(starts.at(-1)!, `seed ${seed}`).toBeGreaterThan(0) // else nothing was resumed
    },
  )

  it('makes the same model twice', async () => {
    expect(await train('again')).toEqual(await train('and again'))
  }, 60_000)

  it('judges a candidate against a champion', async () => {
    const champion = await train('champion', 'cpu')
    const model = await train('candidate')
    const job: TrainerJob = {
      job: 'evaluate',
      plan,
      dataset: lake.dataset,
      model,
      backend: 'wasm',
      champion: { digest: champion.digest, key: champion.key },
    }
    const line = await run(job)
    if (line.type !== 'evaluated') throw new Error(`ended with ${line.type}`)
    const evaluation = await readJson<Evaluation>(lake.store, line.evaluation)
    expect(evaluation).toMatchObject({ candidate: model.digest, champion: champion.digest, rows: 400 })
    expect(evaluation.metrics.accuracy).toBeGreaterThan(0.7)
    expect(evaluation.gates.map(({ slice }) => slice)).toEqual(expect.arrayContaining(['white', 'red', 'blue']))
    expect(await run(job)).toEqual(line)
  }, 90_000)

  it('names the object that is missing', async () => {
    const dataset = { ...lake.dataset, key: 'datasets/nowhere.json' }
    await expect(run({ ...trainJob('x', 'cpu'), dataset } as TrainerJob)).rejects.toMatchObject({
      code: 'OBJECT_MISSING',
      facts: { key: 'datasets/nowhere.json' },
    })
  }, 30_000)

  it('ends when its parent is gone', async () => {
    const endless = { ...plan, train: { ...plan.train, epochs: 1_000_000, checkpointEvery: 1_000_000 } }
    const child = spawn(process.execPath, [program], { env: childEnvironment(lake.endpoints) })
    child.stdin.write(`${JSON.stringify({ ...trainJob('orphan', 'wasm'), plan: endless })}\n`)
    await once(createInterface({ input: child.stdout }), 'line')
    child.stdin.end() // what the kernel does when the parent is killed
    const [code] = await once(child, 'close')
    expect(code).toBe(1)
  }, 30_000)
})
