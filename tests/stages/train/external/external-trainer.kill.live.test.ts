// The example trainer in Python on a real store: killed in mid-training, itself or its parent, it goes on and ends with the same model.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { childEnvironment, loadConfig } from '../../../../core/config.ts'
import { sha256 } from '../../../../core/digest.ts'
import { isAlive } from '../../../../core/process-identity.ts'
import { ensurePythonPeers } from '../../../../infra/testing/python-peers.ts'
import { readJson } from '../../../../lake/store/objects.ts'
import type { ModelCard } from '../../../../schemas/model.ts'
import type { Plan } from '../../../../schemas/plan.ts'
import type { TrainerJob, TrainerLine } from '../../../../schemas/trainer.ts'
import { runTrainer } from '../../../../workers/trainer/run-trainer.ts'
import { PLAN } from '../../../ml/flowers.ts'
import { openTrainerLake, type TrainerLake } from '../../../workers/trainer/trainer-lake.ts'

const EXAMPLE = fileURLToPath(
  new URL('../../../fixtures/trainers/project/pipelines/diagnosis-sklearn/trainer.py', import.meta.url),
)
const PROGRAM = fileURLToPath(new URL('../../../../workers/trainer/trainer.ts', import.meta.url))
/** so many that none is over before it is killed */
const EPOCHS = 60
const peers = await ensurePythonPeers({ cacheDir: loadConfig().cacheDir, group: 'scikitLearn' })
let lake: TrainerLake
let project: string

beforeAll(async () => {
  if (peers.ok) process.env.PYTHONPATH = peers.path
  lake = await openTrainerLake(inject('endpoints'), 600)
  project = mkdtempSync(join(tmpdir(), 'sluice-test-python-kill-'))
  mkdirSync(join(project, 'own'))
})
afterAll(() => {
  lake.store.close()
  rmSync(project, { recursive: true, force: true })
})

/** The shell leaves its process id, which is then Python's, in the folder of the pipeline. */
function jobOf(training: string): TrainerJob {
  const python = peers.ok ? peers.command : 'python3'
  const command = ['sh', '-c', 'echo $$ > pid; exec "$0" "$1"', python, EXAMPLE]
  const model = { kind: 'mlp', hidden: [5], activation: 'tanh', dropout: 0 } as const
  // a checkpoint after each of the epochs, of 19 steps
  const train = { ...PLAN.train, model, batch: 32, epochs: EPOCHS, checkpointEvery: 19 }
  const plan: Plan = { ...PLAN, train: { ...train, trainer: { command, folder: 'own', files: [] } } }
  return { job: 'train', plan, dataset: lake.dataset, inputs: sha256(training), code: 'code', backend: 'cpu' }
}

interface Attempt {
  /** checkpoint lines after which `kill` is called */
  readonly after: number
  /** kill -9 of the program, or of the process of sluice's that runs it */
  readonly victim: 'program' | 'parent'
}

/** Runs the training until it is killed. → where it started. */
async function trainAndKill(job: TrainerJob, { after, victim }: Attempt): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM], { cwd: project, env: childEnvironment(lake.endpoints) })
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(job)}\n`)
  let [seen, fromStep, pid] = [0, -1, 0]
  const last: TrainerLine[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as TrainerLine
    last[0] = line
    if (line.type === 'started') fromStep = line.fromStep
    if (line.type !== 'checkpoint' || ++seen !== after) return
    pid = Number(readFileSync(join(project, 'own', 'pid'), 'utf8'))
    if (victim === 'program') process.kill(pid, 'SIGKILL')
    else child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  if (victim === 'parent') expect(signal).toBe('SIGKILL')
  else expect(last[0]).toMatchObject({ type: 'error', code: 'TRAINER_DIED', facts: { found: 'signal SIGKILL' } })
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  return fromStep
}

describe.skipIf(!peers.ok)('the example in Python', () => {
  it('survives kill -9 with the same model', { timeout: 240_000 }, async () => {
    const whole = await run(jobOf('undisturbed'))
    const attempts: Attempt[] = [
      { after: 2, victim: 'program' },
      { after: 1, victim: 'parent' },
      { after: 1, victim: 'program' },
    ]
    const starts: number[] = []
    for (const attempt of attempts) starts.push(await trainAndKill(jobOf('killed'), attempt))
    const lines: TrainerLine[] = []
    expect(await run(jobOf('killed'), lines), `attempts from ${starts}`).toEqual(whole)
    starts.push(lines[0]?.type === 'started' ? lines[0].fromStep : -1)
    expect(starts[0]).toBe(0)
    expect(starts, 'each goes on behind the one before').toEqual([...new Set(starts)].sort((a, b) => a - b))
    if (whole.type !== 'trained') throw new Error(`ended with ${whole.type}`)
    expect(await readJson<ModelCard>(lake.store, whole.model)).toMatchObject({ epochs: EPOCHS, steps: 19 * EPOCHS })
    expect(await Array.fromAsync(lake.store.list('checkpoints/'))).toEqual([])
  })
})

async function run(job: TrainerJob, lines: TrainerLine[] = []): Promise<TrainerLine> {
  const { endpoints } = lake
  const signal = new AbortController().signal
  return await runTrainer(job, {
    endpoints,
    config: { projectDir: project },
    signal,
    onLine: (line) => lines.push(line),
  })
}
