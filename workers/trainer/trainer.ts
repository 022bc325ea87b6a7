// The trainer process: one JSON job on the first line of stdin, JSON lines on stdout. It may be killed at any time and never outlives its parent.
import { createInterface } from 'node:readline'
import { type Config, loadConfig } from '../../core/config.ts'
import { openS3Store } from '../../lake/store/s3.ts'
import type { Store } from '../../lake/store/store.ts'
import { openBackend } from '../../ml/backend.ts'
import { NEED_OF_JOB, outOfMemory } from '../../ml/out-of-memory.ts'
import { failure, isFailure } from '../../schemas/failures.ts'
import type { ModelRef } from '../../schemas/model.ts'
import { parseTrainerJob, type TrainerJob, type TrainerLine } from '../../schemas/trainer.ts'
import { loadVersion } from '../../serving/loader.ts'
import { runEvaluateJob } from '../../stages/evaluate/evaluate-job.ts'
import { type ExternalContext, runExternalTrainJob } from '../../stages/train/external/train-job.ts'
import { type JobContext, runTrainJob, type TrainJob } from '../../stages/train/train-job.ts'
import { isOfTheCode } from '../error-of-the-code.ts'

/** Reads the job, does it, and ends the process: 0 after `trained`, `evaluated` or `checked`, 1 after `error`. */
async function trainerMain(): Promise<void> {
  try {
    const text = await firstLine()
    emit(await work(parseTrainerJob(JSON.parse(text))))
    process.exit(0)
  } catch (error) {
    emit(errorLine(error))
    process.exit(1)
  }
}

async function work(job: TrainerJob): Promise<TrainerLine> {
  const config = loadConfig()
  const { endpoints, backend, eager, gpuFallback } = config
  if (endpoints === null) throw failure('SERVERS_UNKNOWN')
  const store = openS3Store(endpoints.s3)
  const context: JobContext = { store, emit, backend, gpuFallback, forceEager: eager }
  if (job.job === 'evaluate') return { type: 'evaluated', evaluation: await runEvaluateJob(job, context) }
  if (job.job === 'check') return { type: 'checked', model: await check(job, store, config) }
  return { type: 'trained', model: await train(job, { ...context, config }) }
}

/** Loads the model as a server does, which asks it its golden rows. → its digest. Throws what `loadVersion` throws. */
async function check(
  { plan, model, ...job }: Extract<TrainerJob, { job: 'check' }>,
  store: Store,
  { backend, projectDir }: Pick<Config, 'backend' | 'projectDir'>,
): Promise<string> {
  const opened = await openBackend({ prefer: job.backend ?? backend, device: 'any' })
  const { name: pipeline, columns } = plan
  const loaded = await loadVersion(store, { pipeline, digest: model, columns, projectDir, backend: opened })
  loaded.dispose()
  return loaded.digest
}

/**
 * Until a training begins, and while a model is judged, there is nothing to keep: SIGTERM then ends this process at once, by its default.
 * A program of the user's has a folder to be removed, whenever it is stopped.
 */
function train(job: TrainJob, context: ExternalContext): Promise<ModelRef> {
  const stop = new AbortController()
  const { signal } = stop
  const { trainer } = job.plan.train
  if (trainer) {
    abortWhenAsked(stop)
    return runExternalTrainJob(job, trainer, { ...context, signal })
  }
  const emitted = (line: TrainerLine): void => {
    if (line.type === 'started') abortWhenAsked(stop)
    emit(line)
  }
  return runTrainJob(job, { ...context, signal, emit: emitted })
}

/** SIGINT too: Ctrl-C in a terminal reaches the worker and its trainer alike. A second one ends the process. */
function abortWhenAsked(stop: AbortController): void {
  for (const found of ['SIGTERM', 'SIGINT'] as const)
    process.once(found, () => stop.abort(failure('TRAINER_DIED', { found, step: 'the last checkpoint' })))
}

/** The parent keeps stdin open for as long as it wants the job done: its end, even by kill -9, ends this process. */
function firstLine(): Promise<string> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin })
    lines.once('line', resolve)
    lines.once('close', () => {
      process.stderr.write('trainer: stdin was closed, so nobody waits for this job\n')
      process.exit(1)
    })
  })
}

/** Pipes are written synchronously on POSIX: what was emitted has left this process before the next step. */
function emit(line: TrainerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function errorLine(thrown: unknown): TrainerLine {
  const error = outOfMemory(thrown, NEED_OF_JOB) ?? thrown
  if (isFailure(error)) return { type: 'error', code: error.code, message: error.message, facts: error.facts }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  const message = error instanceof Error ? error.message : String(error)
  return { type: 'error', code: 'UNEXPECTED', message, facts: isOfTheCode(error) ? { always: true } : {} }
}

await trainerMain()
