// The trainer process: one JSON job on the first line of stdin, JSON lines on stdout. It may be killed at any time and never outlives its parent.
import { realpathSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../core/config.ts'
import { openS3Store } from '../lake/s3.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import { parseTrainerJob } from '../schemas/parse.ts'
import type { TrainerJob, TrainerLine } from '../schemas/trainer.ts'
import { runEvaluateJob } from './evaluate-job.ts'
import { type JobContext, runTrainJob } from './train-job.ts'

/** Reads the job, does it, and ends the process: 0 after `trained` or `evaluated`, 1 after `error`. */
export async function trainerMain(): Promise<void> {
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort(failure('TRAINER_DIED', { found: 'SIGTERM', step: 'the last checkpoint' })))
  try {
    const text = await firstLine()
    emit(await work(parseTrainerJob(JSON.parse(text)), stop.signal))
    process.exit(0)
  } catch (error) {
    emit(errorLine(error))
    process.exit(1)
  }
}

async function work(job: TrainerJob, signal: AbortSignal): Promise<TrainerLine> {
  const { endpoints, backend, eager } = loadConfig()
  if (endpoints === null) throw failure('SERVERS_UNKNOWN')
  const store = openS3Store(endpoints.s3)
  const context: JobContext = { store, emit, backend, forceEager: eager, signal }
  return job.job === 'train'
    ? { type: 'trained', model: await runTrainJob(job, context) }
    : { type: 'evaluated', evaluation: await runEvaluateJob(job, context) }
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

function errorLine(error: unknown): TrainerLine {
  if (isFailure(error)) return { type: 'error', code: error.code, message: error.message, facts: error.facts }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  const message = error instanceof Error ? error.message : String(error)
  return { type: 'error', code: 'UNEXPECTED', message, facts: {} }
}

// started as a program, not imported
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await trainerMain()
}
