// The training loop: epochs of shuffled batches, validation, early stopping, checkpoints. Same inputs, same bits, whatever interrupts it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Scalar } from '@tensorflow/tfjs'
import { failure } from '../schemas/failures.ts'
import type { CheckpointRef } from '../schemas/model.ts'
import type { PredictSpec, TrainSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { type BatchSource, disposeInputs, openBatches } from './batch.ts'
import { epochOrder, type Matrix, stepsPerEpoch } from './batches.ts'
import type { Best, Checkpoint, EpochRecord } from './checkpoint.ts'
import { isFinished, recordEpoch } from './early-stopping.ts'
import { type Engine, eagerEngine, initialState } from './engine.ts'
import type { Network, Weight } from './network.ts'

/** Steps between two readings of the loss: reading waits for the device, and lets signals and timers run. */
const READ_EVERY = 20

export interface TrainingOptions {
  readonly tf: Tf
  /** see backendId */
  readonly backend: string
  /** runs the steps (see chooseEngine) and is disposed of at the end; default: the eager one */
  readonly engine?: Engine
  readonly network: Network
  readonly predict: PredictSpec
  readonly train: TrainSpec
  readonly rows: Matrix
  readonly validation: Matrix
  /** where an earlier attempt stood; null starts from the seed */
  readonly from: Checkpoint | null
  /** keeps a checkpoint; its answer names it in LOSS_NOT_FINITE */
  readonly save: (checkpoint: Checkpoint) => Promise<CheckpointRef>
  readonly onProgress?: (progress: { step: number; epoch: number; loss: number; examplesPerSecond: number }) => void
  readonly onEpoch?: (record: EpochRecord) => void
  /** checked every READ_EVERY steps; training then throws the signal's reason */
  readonly signal?: AbortSignal
}

export interface Trained {
  /** of the best epoch, as are the averages */
  readonly weights: readonly Weight[]
  readonly averages: readonly Weight[]
  readonly steps: number
  readonly epochs: readonly EpochRecord[]
  readonly bestEpoch: number
  readonly validationLoss: number
}

/** What changes while training, beside the engine's own state. */
interface Position {
  readonly engine: Engine
  readonly batches: BatchSource
  best: Best
  step: number
  epochs: EpochRecord[]
  epochLoss: number
  /** losses of the last steps that were not read yet, and their rows */
  unread: { loss: Scalar; rows: number }[]
  lastSave: CheckpointRef | null
  /** rows since, and time of, the last progress */
  pace: { rows: number; since: number }
}

/**
 * Trains until the plan's epochs are done or patience ends. Throws LOSS_NOT_FINITE, or the signal's reason.
 * On one kind of machine the result is bit-identical for the same options, however often it was interrupted and resumed.
 */
export async function trainModel(options: TrainingOptions): Promise<Trained> {
  const { train, rows } = options
  const steps = stepsPerEpoch(rows.rows, train.batch)
  const at = startingPosition(options)
  while (!isFinished(at.epochs, train)) {
    const epoch = at.epochs.length + 1
    const order = epochOrder(rows.rows, train.seed, epoch)
    for (let i = at.step - (epoch - 1) * steps; i < steps; i++) {
      takeStep(options, at, { order, start: i * train.batch })
      if (at.step % READ_EVERY === 0) await readLosses(options, at, epoch)
      const due = at.step % train.checkpointEvery === 0
      if (due && i < steps - 1) await save(options, at, epoch)
    }
    await endEpoch(options, at, epoch)
  }
  at.engine.dispose()
  const best = at.epochs.findLast((record) => record.best)!
  return {
    ...at.best,
    steps: at.step,
    epochs: at.epochs,
    bestEpoch: best.epoch,
    validationLoss: best.validationLoss,
  }
}

function startingPosition(options: TrainingOptions): Position {
  const { from, engine = eagerEngine(options) } = options
  engine.load(from ?? initialState(options))
  return {
    engine,
    batches: openBatches(options),
    best: from?.best ?? { weights: [], averages: [] },
    step: from?.step ?? 0,
    epochs: [...(from?.epochs ?? [])],
    epochLoss: from?.epochLoss ?? 0,
    unread: [],
    lastSave: null,
    pace: { rows: 0, since: performance.now() },
  }
}

function takeStep({ tf }: TrainingOptions, at: Position, range: { order: Int32Array; start: number }): void {
  const inputs = at.batches({ ...range, step: at.step })
  const loss = at.engine.step(inputs.batch, inputs.hyper)
  disposeInputs(tf, inputs)
  at.step += 1
  at.unread.push({ loss, rows: inputs.count })
}

/** Reads the pending losses, reports, gives other tasks a turn. Throws LOSS_NOT_FINITE or the signal's reason. */
async function readLosses(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  const firstStep = at.step - at.unread.length + 1
  const values = await Promise.all(at.unread.map(async ({ loss }) => (await loss.data())[0]!))
  options.tf.dispose(at.unread.map(({ loss }) => loss))
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      const checkpoint = at.lastSave?.key ?? 'none'
      throw failure('LOSS_NOT_FINITE', { found: String(value), step: firstStep + i, checkpoint })
    }
    at.epochLoss += value * at.unread[i]!.rows
    at.pace.rows += at.unread[i]!.rows
  })
  at.unread = []
  const loss = values.at(-1)
  if (loss !== undefined) options.onProgress?.({ step: at.step, epoch, loss, examplesPerSecond: paceOf(at) })
  await nextTurn()
  options.signal?.throwIfAborted()
}

/** rows per second since the last call */
function paceOf(at: Position): number {
  const now = performance.now()
  const perSecond = (1000 * at.pace.rows) / Math.max(now - at.pace.since, 1e-3)
  at.pace = { rows: 0, since: now }
  return perSecond
}

async function endEpoch(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  await readLosses(options, at, epoch)
  const record = recordEpoch(at.epochs, {
    epoch,
    trainLoss: at.epochLoss / options.rows.rows,
    validationLoss: await at.engine.validationLoss(options.validation),
  })
  if (!Number.isFinite(record.validationLoss)) {
    const found = `${record.validationLoss} on the validation rows`
    throw failure('LOSS_NOT_FINITE', { found, step: at.step, checkpoint: at.lastSave?.key ?? 'none' })
  }
  at.epochs.push(record)
  at.epochLoss = 0
  if (record.best) at.best = bestOf(await at.engine.read())
  options.onEpoch?.(record)
  await save(options, at, epoch)
}

async function save(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  await readLosses(options, at, epoch) // a checkpoint never holds weights whose loss was not looked at
  at.lastSave = await options.save({
    backend: options.backend,
    step: at.step,
    epochLoss: at.epochLoss,
    epochs: at.epochs,
    ...(await at.engine.read()),
    best: at.best,
  })
}

function bestOf({ weights, averages }: Best): Best {
  return { weights, averages }
}
