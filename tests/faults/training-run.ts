// A run whose training is real: workers and trainers in processes of their own, so that each can be stopped; everything else is a stand-in.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { WorkflowHandle } from '@temporalio/client'
import { childEnvironment, loadConfig } from '../../core/config.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import type { BackendName } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { RetrainInput, RetrainResult } from '../../schemas/run.ts'
import type { TrainerLine, TrainHeartbeat } from '../../schemas/trainer.ts'
import { stageCode } from '../../workers/code/stage-code.ts'
import { runTrainer } from '../../workers/trainer/run-trainer.ts'
import { childrenOf } from '../end-to-end/stack.ts'
import { PLAN } from '../ml/flowers.ts'
import { openTrainerLake, type TrainerLake } from '../workers/trainer/trainer-lake.ts'
import { openStage, type Stage } from '../workflows/stage.ts'

const PROGRAM = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
const POLL_MS = 20
const BATCH = 16
const STEPS_PER_EPOCH = 2_000
/** with the interpreter of WebAssembly: there on every machine */
const BACKEND = 'wasm'

export interface TrainingRun {
  readonly lake: TrainerLake
  readonly stage: Stage
  /** digest of the model of a training that nobody disturbs */
  undisturbed(): Promise<string>
  /** resolves when the worker polls */
  startWorker(): Promise<ChildProcess>
  /** ends with 'gates failed', so that nobody is asked */
  start(): Promise<WorkflowHandle>
  /** Resolves when the Temporal UI shows a step beyond `step` of the worker's trainer, with its PID and that step. */
  trainerBeyond(handle: WorkflowHandle, worker: ChildProcess, step: number): Promise<{ trainer: number; step: number }>
  /** the step that a training began from, or the first later one that the Temporal UI shows */
  firstStepOf(handle: WorkflowHandle): Promise<number>
  /** steps of the checkpoints in the store, oldest first */
  checkpoints(): Promise<number[]>
  /** ends the workers and deletes what was trained, so that the next run trains anew */
  reset(): Promise<void>
  close(): Promise<void>
}

/** A checkpoint is due every 2,000 steps, after each epoch: one in between was kept on request. */
export async function openTrainingRun(servers: Endpoints): Promise<TrainingRun> {
  const lake = await openTrainerLake(servers, BATCH * STEPS_PER_EPOCH)
  const cacheDir = loadConfig().cacheDir
  const cleanSnapshot = async () => ({ value: lake.dataset, reused: false, why: 'first run' })
  // the stage's own trainer listens on the queue of GPUs
  const stage = await openStage({ endpoints: servers, cacheDir, activities: { cleanSnapshot }, device: 'gpu' })
  const plan: Plan = {
    ...PLAN,
    name: stage.pipeline,
    gates: [{ gate: 'atLeast', metric: 'accuracy', value: 1.1 }],
    train: {
      ...PLAN.train,
      batch: BATCH,
      epochs: 4,
      checkpointEvery: 1_000_000,
      model: { kind: 'mlp', hidden: [128, 64], activation: 'relu', dropout: 0.2 },
    },
  }
  const children = new Set<ChildProcess>()
  return {
    lake,
    stage,
    undisturbed: () => trainUndisturbed(lake, plan, BACKEND),
    async startWorker() {
      const child = spawnWorker(stage.queue, lake.endpoints, BACKEND)
      children.add(child)
      await ready(child)
      return child
    },
    async start() {
      const input: RetrainInput = { plan, reason: 'person', by: 'a test' }
      const workflowId = `retrain/${stage.pipeline}`
      return await stage.client.workflow.start('retrain', { taskQueue: stage.queue, workflowId, args: [input] })
    },
    async trainerBeyond(handle, worker, step) {
      for (;;) {
        const trainer = trainersOf(worker)[0]
        const { line } = await heartbeatOf(handle)
        if (trainer !== undefined && line?.type === 'progress' && line.step > step) return { trainer, step: line.step }
        await delay(POLL_MS)
      }
    },
    async firstStepOf(handle) {
      for (;;) {
        const { line } = await heartbeatOf(handle)
        if (line?.type === 'started') return line.fromStep
        if (line?.type === 'progress') return line.step
        await delay(POLL_MS)
      }
    },
    checkpoints: () => checkpointSteps(lake.store, stage.pipeline),
    async reset() {
      for (const child of children) await endWorker(child)
      for (const folder of ['checkpoints', 'stages'])
        for await (const key of lake.store.list(`${folder}/${stage.pipeline}/`)) await lake.store.delete(key)
    },
    async close() {
      for (const child of children) await endWorker(child)
      await stage.close()
      lake.store.close()
    },
  }
}

/** → the model's digest */
export async function trainUndisturbed(
  { endpoints, dataset }: Pick<TrainerLake, 'endpoints' | 'dataset'>,
  plan: Plan,
  backend: BackendName,
): Promise<string> {
  const {
    code: { train: code },
  } = await stageCode()
  const line: TrainerLine = await runTrainer(
    { job: 'train', plan, dataset, inputs: '0'.repeat(64), code, backend },
    { endpoints, config: { projectDir: process.cwd() }, signal: new AbortController().signal, onLine: () => {} },
  )
  if (line.type !== 'trained') throw new Error(`the trainer ended with ${line.type}`)
  return line.model.digest
}

/** The real training worker on the queues of a stage; see ready. */
export function spawnWorker(queue: string, endpoints: Endpoints, backend: BackendName) {
  return spawn(process.execPath, [PROGRAM, queue], {
    env: { ...childEnvironment(endpoints), SLUICE_BACKEND: backend },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Resolves when the worker polls. */
export async function ready({ stdout }: ReturnType<typeof spawnWorker>): Promise<void> {
  await once(stdout, 'data')
}

/** Steps of the checkpoints of a pipeline, oldest first. */
export async function checkpointSteps(store: Pick<Store, 'list'>, pipeline: string): Promise<number[]> {
  const keys = await Array.fromAsync(store.list(`checkpoints/${pipeline}/`))
  return keys.map((key) => Number(/\/(\d+)-[^/]*$/.exec(key)?.[1])).sort((a, b) => a - b)
}

export async function endWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const gone = once(worker, 'exit')
  worker.kill('SIGKILL')
  await gone
}

/** PIDs of the trainers that a worker runs. */
export function trainersOf({ pid }: ChildProcess): number[] {
  return childrenOf(pid!).filter((child) => commandOf(child).includes('trainer.ts'))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

/** What the Temporal UI shows of the activity that runs; empty when there is none. */
async function heartbeatOf(handle: WorkflowHandle): Promise<TrainHeartbeat> {
  const { raw } = await handle.describe()
  const data = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data
  return data == null ? {} : (JSON.parse(new TextDecoder().decode(data)) as TrainHeartbeat)
}

export async function candidateOf(handle: WorkflowHandle): Promise<string | undefined> {
  return ((await handle.result()) as RetrainResult).candidate?.digest
}
