// One training in attempts: the trainer process is killed with SIGKILL at random steps, then left alone, and its model compared with the undisturbed one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../core/config.ts'
import { sha256 } from '../../core/digest.ts'
import type { Random } from '../../core/random.ts'
import type { BackendName, ModelRef } from '../../schemas/model.ts'
import type { TrainerJob, TrainerLine } from '../../schemas/trainer.ts'
import type { TrainingCase, TrainingGround } from './training-ground.ts'

const program = fileURLToPath(new URL('../../workers/trainer/trainer.ts', import.meta.url))

export interface KilledTraining {
  readonly name: string
  /** step of the newest checkpoint that each killed attempt had told of */
  readonly killedAt: readonly number[]
  /** steps that the attempts after the first began from */
  readonly resumedFrom: readonly number[]
  readonly expected: string
  readonly found: string
}

/** `kills`: attempts that are killed. The model of the last one must have the digest of the undisturbed training's. */
export async function killTraining(
  ground: TrainingGround,
  { name, plan, dataset, steps }: TrainingCase,
  { backend, kills, random, id }: { backend: BackendName; kills: number; random: Random; id: string },
): Promise<KilledTraining> {
  const job = (training: string): TrainerJob => {
    return { job: 'train', plan, dataset, inputs: sha256(`${id} ${name} ${training}`), code: 'code', backend }
  }
  const [killedAt, resumedFrom]: [number[], number[]] = [[], []]
  const expected = await attempt(ground, job('whole'), null)
  for (let kill = 0; kill < kills; kill++) {
    const after = resumedFrom.at(-1) ?? 0
    const atStep = after + 1 + Math.floor(random() * Math.max(1, (steps - after) / (kills - kill)))
    const { fromStep, step } = await attempt(ground, job('killed'), { atStep, delayMs: random() * 20 })
    if (kill > 0) resumedFrom.push(fromStep)
    killedAt.push(step)
  }
  const last = await attempt(ground, job('killed'), null)
  resumedFrom.push(last.fromStep)
  return { name, killedAt, resumedFrom, expected: expected.model!.digest, found: last.model!.digest }
}

interface Attempt {
  readonly fromStep: number
  /** of the newest checkpoint */
  readonly step: number
  readonly model: ModelRef | null
}

/** `kill`: SIGKILL so long after the first checkpoint at or behind that step, wherever the process is by then. */
async function attempt(
  { endpoints }: TrainingGround,
  job: TrainerJob,
  kill: { atStep: number; delayMs: number } | null,
): Promise<Attempt> {
  const child = spawn(process.execPath, [program], {
    env: childEnvironment(endpoints),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.write(`${JSON.stringify(job)}\n`)
  let [fromStep, step, log] = [0, 0, '']
  let model: ModelRef | null = null
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-2_000)
  })
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{"type":')) return
    const line = JSON.parse(text) as TrainerLine
    if (line.type === 'started') fromStep = line.fromStep
    if (line.type === 'error') log = line.message
    if (line.type === 'trained') model = line.model
    if (line.type !== 'checkpoint') return
    step = line.checkpoint.step
    if (kill !== null && step >= kill.atStep) setTimeout(() => child.kill('SIGKILL'), kill.delayMs)
  })
  const [code, signal] = await once(child, 'close')
  const right = kill === null ? code === 0 : signal === 'SIGKILL' || code === 0 // it may be done before the signal reaches it
  if (!right) throw new Error(`the trainer ended with ${signal ?? code}: ${log}`)
  return { fromStep, step, model }
}
