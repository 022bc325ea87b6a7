// What a trainer tells, as event files for TensorBoard: one folder per training, one file per attempt.
import { appendFileSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { scheduledRate } from '../../ml/optimizers/rate.ts'
import { scalarsRecord, startRecord, versionRecord } from '../../ml/training/tensorboard.ts'
import { failure } from '../../schemas/failures.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { TrainerJob, TrainerLine } from '../../schemas/trainer.ts'

export interface TrainingLog {
  write(line: TrainerLine): void
}

type TrainJob = Extract<TrainerJob, { job: 'train' }>

const SILENT: TrainingLog = { write: () => {} }

/** files of this process, so that two of one second have names in their order */
let files = 0

/**
 * Writes below `<dir>/<pipeline>/<start of the training's inputs>`; without `dir`, and for other jobs than training, nothing.
 * Throws CONFIG_INVALID when the folder cannot be made. A file that cannot be written later is given up with a warning: the training goes on.
 */
export function openTrainingLog(dir: string | undefined, job: TrainerJob, nowMs: () => number = Date.now): TrainingLog {
  if (dir === undefined || job.job !== 'train') return SILENT
  const folder = join(dir, job.plan.name, shortDigest(job.inputs))
  const seconds = String(Math.floor(nowMs() / 1000)).padStart(10, '0')
  const count = String(files++).padStart(6, '0')
  const file = join(folder, `events.out.tfevents.${seconds}.${count}.${hostname()}.${process.pid}`)
  try {
    mkdirSync(folder, { recursive: true })
    appendFileSync(file, versionRecord(nowMs()))
  } catch (error) {
    throw failure(
      'CONFIG_INVALID',
      { name: 'SLUICE_TENSORBOARD', expected: 'a folder to write to', found: String(error) },
      error,
    )
  }
  const encode = encoderOf(job, nowMs)
  let broken = false
  return {
    write(line) {
      const record = broken ? null : encode(line)
      if (record === null) return
      try {
        appendFileSync(file, record)
      } catch (error) {
        broken = true
        process.emitWarning(`no more events for TensorBoard: ${String(error)}`)
      }
    },
  }
}

/** Line → record, or null where there is nothing to draw. */
function encoderOf({ plan }: TrainJob, nowMs: () => number): (line: TrainerLine) => Uint8Array | null {
  const { optimizer, epochs } = plan.train
  const validationLosses: number[] = []
  let totalSteps = epochs
  return (line) => {
    const timeMs = nowMs()
    switch (line.type) {
      case 'started':
        totalSteps = line.steps
        return startRecord({ step: line.fromStep, timeMs })
      case 'progress': {
        const { step, loss, gradientNorm, examplesPerSecond } = line
        const rate = line.learningRate ?? scheduledRate(optimizer, { step: step - 1, totalSteps, validationLosses })
        const values = {
          'loss/step': loss,
          'speed/examples per second': examplesPerSecond,
          'rate/learning rate': rate,
          ...(gradientNorm === undefined ? {} : { gradient_norm: gradientNorm }),
        }
        return scalarsRecord({ step, timeMs, values })
      }
      case 'epoch': {
        validationLosses.push(line.validationLoss)
        const step = Math.round((line.epoch * totalSteps) / epochs)
        const values = { 'loss/train': line.trainLoss, 'loss/validation': line.validationLoss }
        return scalarsRecord({ step, timeMs, values })
      }
      default:
        return null
    }
  }
}
