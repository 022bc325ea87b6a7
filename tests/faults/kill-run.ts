// One run under Temporal whose trainer, worker, or both are killed with SIGKILL at random steps of its training.
import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { loadConfig } from '../../core/config.ts'
import type { Random } from '../../core/random.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import type { BackendName } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RetrainInput } from '../../schemas/run.ts'
import { openStage } from '../workflows/stage.ts'
import type { TrainingCase, TrainingGround } from './training-ground.ts'
import {
  candidateOf,
  checkpointSteps,
  endWorker,
  ready,
  spawnWorker,
  trainersOf,
  trainUndisturbed,
} from './training-run.ts'

export type Victim = 'trainer' | 'worker' | 'both'
const VICTIMS: readonly Victim[] = ['trainer', 'worker', 'both']

export interface KilledRun {
  readonly name: string
  /** who was killed, behind the checkpoint of which step */
  readonly killed: readonly { readonly victim: Victim; readonly step: number }[]
  /** digests of the undisturbed training's model and of this one's */
  readonly expected: string
  readonly found: string
}

/** A checkpoint every 5 of 20 steps: enough to be killed between any two. */
const EPOCHS = 40
const POLL_MS = 10
const KILL_WITHIN_MS = 50

/** `kills` victims in a random order, each kind about equally often. The run ends at its gates, so that nobody is asked. */
export async function killRun(
  servers: Endpoints,
  { endpoints, store }: TrainingGround,
  { name, plan: base, dataset, steps }: TrainingCase,
  { backend, kills, random }: { backend: BackendName; kills: number; random: Random },
): Promise<KilledRun> {
  const cleanSnapshot = async () => ({ value: dataset, reused: false, why: 'first run' })
  // the stage's own trainer listens on the queue of GPUs
  const stage = await openStage({
    endpoints: servers,
    cacheDir: loadConfig().cacheDir,
    activities: { cleanSnapshot },
    device: 'gpu',
  })
  const plan: Plan = {
    ...base,
    name: stage.pipeline,
    train: { ...base.train, epochs: EPOCHS },
    gates: [{ gate: 'atLeast', metric: 'loss', value: 1e6 }],
  }
  const start = async (): Promise<ChildProcess> => {
    const child = spawnWorker(stage.queue, endpoints, backend)
    await ready(child)
    return child
  }
  let worker = await start()
  try {
    const input: RetrainInput = { plan, reason: 'person', by: 'a test' }
    const handle = await stage.client.workflow.start('retrain', {
      taskQueue: stage.queue,
      workflowId: `retrain/${stage.pipeline}`,
      args: [input],
    })
    const killed: { victim: Victim; step: number }[] = []
    const all = (steps * EPOCHS) / base.train.epochs
    const share = all / (kills + 1) // leaves steps to be done behind the last one
    for (let kill = 0; kill < kills; kill++) {
      const { trainer, step } = await trainerBeyond(worker, (killed.at(-1)?.step ?? 0) + random() * share * 0.8)
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)]!
      await delay(random() * KILL_WITHIN_MS)
      if (victim !== 'trainer') await endWorker(worker)
      if (victim !== 'worker') process.kill(trainer, 'SIGKILL')
      if (victim !== 'trainer') worker = await start()
      killed.push({ victim, step })
    }
    const found = (await candidateOf(handle)) ?? 'no model'
    return { name, killed, found, expected: await trainUndisturbed({ endpoints, dataset }, plan, backend) }
  } finally {
    await endWorker(worker)
    await stage.close()
  }

  /** Resolves when the worker's trainer has kept a checkpoint of a step beyond `step`. */
  async function trainerBeyond(of: ChildProcess, step: number): Promise<{ trainer: number; step: number }> {
    for (;;) {
      const newest = (await checkpointSteps(store, stage.pipeline)).at(-1) ?? 0
      const [trainer] = trainersOf(of)
      if (trainer !== undefined && newest > step) return { trainer, step: newest }
      await delay(POLL_MS)
    }
  }
}
