// The training loop: epochs of shuffled batches, validation, early stopping, checkpoints. Same inputs, same bits, whatever interrupts it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { failure } from '../../schemas/failures.ts'
import type { CheckpointRef } from '../../schemas/model.ts'
import { optimizerOf } from '../optimizers/optimizer.ts'
import { needOfStep, outOfMemory } from '../out-of-memory.ts'
import type { Tf } from '../tf.ts'
import { type BatchSource, openBatches } from './batch.ts'
import { type Block, disposeBlock } from './block.ts'
import type { Checkpoint, EpochRecord } from './checkpoint.ts'
import { eagerEngine } from './eager-engine.ts'
import { type Ending, endingOf, recordEpoch } from './early-stopping.ts'
import { type Engine, type EngineOptions, type HostModel, initialState, keptModel, stateFrom } from './engine.ts'
import { epochOrder, stepsPerEpoch } from './epoch.ts'
import type { Matrix } from './matrix.ts'
import { type PendingStep, type ReadStep, readSteps, suspicion } from './pending-steps.ts'
import { requireSoundWeights } from './sound-weights.ts'

/** Steps between two readings of their numbers: reading waits for the device, and lets signals and timers run. */
const READ_EVERY = 20
/** Longest time between two readings, for models whose steps are slow. */
const READ_EVERY_MS = 500

export interface TrainingOptions extends EngineOptions {
  /** see backendId */
  readonly backend: string
  /** runs the steps (see chooseEngine) and is disposed of at the end; default: the eager one */
  readonly engine?: Engine
  readonly rows: Matrix
  readonly validation: Matrix
  /** where an earlier attempt stood; null starts anew */
  readonly from: Checkpoint | null
  /** a model to start anew from, instead of first weights from the seed */
  readonly start?: HostModel
  /** keeps a checkpoint; its answer names it in failures */
  readonly save: (checkpoint: Checkpoint) => Promise<CheckpointRef>
  readonly onProgress?: (progress: Progress) => void
  readonly onEpoch?: (record: EpochRecord) => void
  /** where rows of the matrix stand in the dataset, in words, for failures */
  readonly describeRows?: (rows: Int32Array) => string
  /** looked at between steps, at least every half second: training then keeps a checkpoint and throws the signal's reason */
  readonly signal?: AbortSignal
}

export interface Progress {
  /** steps done */
  readonly step: number
  readonly epoch: number
  readonly loss: number
  /** learning rate */
  readonly rate: number
  readonly examplesPerSecond: number
  /** of the step's gradient before any clipping, only where it is watched (see watchesNorm) */
  readonly gradientNorm?: number
}

export interface Trained extends HostModel {
  readonly steps: number
  readonly epochs: readonly EpochRecord[]
  readonly bestEpoch: number
  readonly validationLoss: number
  /** what ended it */
  readonly ended: Ending
}

/** What changes while training, beside the engine's own state. */
interface Position {
  readonly engine: Engine
  readonly batches: BatchSource
  /** what the next steps read, and which of its steps comes next */
  block: { readonly inputs: Block; next: number } | null
  best: HostModel
  step: number
  epochs: EpochRecord[]
  epochLoss: number
  /** steps whose numbers were not read yet */
  unread: PendingStep[]
  /** newest step whose numbers were read */
  sound: ReadStep | null
  lastSave: CheckpointRef | null
  lastRead: number
  /** rows since, and time of, the last progress */
  pace: { rows: number; since: number }
  /** of this and earlier attempts */
  readonly elapsedMs: () => number
}

/**
 * Trains until the plan's epochs are done, patience ends or a budget is spent. Throws LOSS_NOT_FINITE, GRADIENT_EXPLODED,
 * WEIGHTS_NOT_FINITE, OUT_OF_MEMORY, or the signal's reason.
 * On one kind of machine the result is bit-identical for the same options, however often it was interrupted and resumed, unless minutes end it.
 */
export async function trainModel(options: TrainingOptions): Promise<Trained> {
  const at = startingPosition(options)
  try {
    return await trainEpochs(options, at)
  } finally {
    leaveBlock(options.tf, at)
    at.batches.dispose()
  }
}

async function trainEpochs(options: TrainingOptions, at: Position): Promise<Trained> {
  const { tf, train, rows } = options
  const steps = stepsPerEpoch(rows.rows, train.batch)
  const unfinished = at.step > at.epochs.length * steps // an epoch that was interrupted is ended first, whatever the budget says
  let ended = unfinished ? null : endingOf(at, train)
  while (ended === null) {
    const epoch = at.epochs.length + 1
    const order = epochOrder(rows.rows, train.seed, epoch)
    for (let i = at.step - (epoch - 1) * steps; i < steps; i++) {
      if (endingOf({ epochs: [], step: at.step, elapsedMs: at.elapsedMs }, train) !== null) break // a budget
      takeStep(options, at, { order, start: i * train.batch, epoch })
      const now = performance.now()
      if (at.step % READ_EVERY === 0 || now - at.lastRead > READ_EVERY_MS) await readPending(options, at, epoch)
      const due = at.step % train.checkpointEvery === 0
      if (due && i < steps - 1) await save(options, at, epoch)
    }
    leaveBlock(tf, at) // of an epoch that a budget ended in its middle
    await endEpoch(options, at, epoch)
    ended = endingOf(at, train)
  }
  at.engine.dispose()
  const best = at.epochs.findLast((record) => record.best)!
  return {
    ...at.best,
    steps: at.step,
    epochs: at.epochs,
    bestEpoch: best.epoch,
    validationLoss: best.validationLoss,
    ended,
  }
}

function startingPosition(options: TrainingOptions): Position {
  const { tf, train, from, start, engine = eagerEngine(options) } = options
  engine.load(from ?? (start ? stateFrom(optimizerOf(tf, train), start) : initialState(options)))
  const [since, before] = [performance.now(), from?.elapsedMs ?? 0]
  return {
    engine,
    batches: openBatches({ ...options, form: engine.form }),
    block: null,
    best: from?.best ?? { weights: [], averages: [] },
    step: from?.step ?? 0,
    epochs: [...(from?.epochs ?? [])],
    epochLoss: from?.epochLoss ?? 0,
    unread: [],
    sound: null,
    lastSave: null,
    lastRead: since,
    pace: { rows: 0, since },
    elapsedMs: () => before + performance.now() - since,
  }
}

function takeStep(
  { tf, train }: TrainingOptions,
  at: Position,
  { epoch, order, start }: { order: Int32Array; start: number; epoch: number },
): void {
  at.block ??= { inputs: nextBlock(at, { order, start }), next: 0 }
  const { inputs, next } = at.block
  try {
    const numbers = at.engine.step(inputs, next)
    at.step += 1
    const rows = order.subarray(start, start + inputs.rows)
    at.unread.push({ ...numbers, rows, rate: inputs.rates[next]!, step: at.step, epoch })
  } catch (error) {
    throw outOfMemory(error, needOfStep(train)) ?? error
  }
  at.block.next += 1
  if (at.block.next === inputs.indices.length) leaveBlock(tf, at)
}

function nextBlock(at: Position, position: { order: Int32Array; start: number }): Block {
  return at.batches.next({
    ...position,
    step: at.step,
    validationLosses: at.epochs.map(({ validationLoss }) => validationLoss),
  })
}

function leaveBlock(tf: Tf, at: Position): void {
  if (at.block !== null) disposeBlock(tf, at.block.inputs)
  at.block = null
}

/** Reads what is pending, reports, gives other tasks a turn. Throws what flush throws, or after a checkpoint the signal's reason. */
async function readPending(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  await flush(options, at, epoch)
  await nextTurn()
  if (options.signal?.aborted !== true) return
  if (at.lastSave?.step !== at.step) await keep(options, at)
  options.signal.throwIfAborted()
}

/** Throws LOSS_NOT_FINITE and GRADIENT_EXPLODED. */
async function flush(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  const pending = at.unread
  at.unread = []
  at.lastRead = performance.now()
  const steps = await readSteps(pending, { ...options, before: at.sound, checkpoint: lastKey(at) })
  for (const { loss, rows } of steps) {
    at.epochLoss += loss * rows.length
    at.pace.rows += rows.length
  }
  const last = steps.at(-1)
  if (last === undefined) return
  at.sound = last
  const { loss, rate, norm } = last
  options.onProgress?.({
    step: at.step,
    epoch,
    loss,
    rate,
    examplesPerSecond: paceOf(at),
    ...(norm === null ? {} : { gradientNorm: norm }),
  })
}

/** For failures. */
function lastKey(at: Position): string {
  return at.lastSave?.key ?? 'none'
}

/** rows per second since the last call */
function paceOf(at: Position): number {
  const now = performance.now()
  const perSecond = (1000 * at.pace.rows) / Math.max(now - at.pace.since, 1e-3)
  at.pace = { rows: 0, since: now }
  return perSecond
}

async function endEpoch(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  const { tf, train, rows } = options
  await readPending(options, at, epoch)
  const stepsBefore = (epoch - 1) * stepsPerEpoch(rows.rows, train.batch)
  const seen = Math.min((at.step - stepsBefore) * train.batch, rows.rows) // fewer than all where a budget ended it
  const record = recordEpoch(at.epochs, {
    epoch,
    trainLoss: at.epochLoss / Math.max(1, seen),
    validationLoss: await at.engine.validationLoss(options.validation),
  })
  if (!Number.isFinite(record.validationLoss)) {
    const found = `${record.validationLoss} on the validation rows`
    const before = suspicion(at.sound, options.describeRows)
    const facts = { found, step: at.step, epoch, rows: 'the validation rows', before, checkpoint: lastKey(at) }
    throw failure('LOSS_NOT_FINITE', facts)
  }
  at.epochs.push(record)
  at.epochLoss = 0
  if (record.best) at.best = keptModel(optimizerOf(tf, train), await at.engine.read())
  options.onEpoch?.(record)
  await save(options, at, epoch)
}

async function save(options: TrainingOptions, at: Position, epoch: number): Promise<void> {
  await readPending(options, at, epoch) // a checkpoint never follows a step whose numbers were not looked at
  await keep(options, at)
}

/** Throws WEIGHTS_NOT_FINITE. */
async function keep(options: TrainingOptions, at: Position): Promise<void> {
  const state = await at.engine.read()
  if (at.sound !== null) requireSoundWeights(state, { by: at.sound, checkpoint: lastKey(at), ...options })
  at.lastSave = await options.save({
    backend: options.backend,
    step: at.step,
    epochLoss: at.epochLoss,
    epochs: at.epochs,
    ...state,
    best: at.best,
    // only where it decides something: otherwise equal trainings keep equal checkpoints
    ...(options.train.budget?.minutes === undefined ? {} : { elapsedMs: at.elapsedMs() }),
  })
}
