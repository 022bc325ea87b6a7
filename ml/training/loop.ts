// The training loop: epochs of shuffled batches, validation, early stopping, checkpoints. Same inputs, same bits, whatever interrupts it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { failure } from '../../schemas/failures.ts'
import type { CheckpointRef } from '../../schemas/model.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import { optimizerOf } from '../optimizers/optimizer.ts'
import { needOfStep, outOfMemory } from '../out-of-memory.ts'
import { type Advise, adviseRate, LESS_RATE } from './advice.ts'
import type { Checkpoint, EpochRecord } from './checkpoint.ts'
import { budgetSpent, type Ending, endingOf, recordEpoch } from './early-stopping.ts'
import { eagerEngine } from './engine/eager-engine.ts'
import { type Engine, type EngineOptions, type HostModel, initialState, keptModel, stateFrom } from './engine/engine.ts'
import { epochOrder, stepsPerEpoch } from './input/epoch.ts'
import { openFeeder } from './input/feeder.ts'
import { openFeeding, type StepInputs } from './input/feeding.ts'
import type { Matrix } from './input/matrix.ts'
import { openKeeper } from './keeper.ts'
import { suspicion } from './pending-steps.ts'
import { openWatch, type WatchOptions } from './step-watch.ts'

export interface TrainingOptions extends EngineOptions, Pick<WatchOptions, 'onProgress' | 'describeRows' | 'advise'> {
  /** see backendId */
  readonly backend: string
  /** runs the steps (see chooseEngine) and is disposed of when training ends well; default: the eager one */
  readonly engine?: Engine
  readonly rows: Matrix
  readonly validation: Matrix
  /** where an earlier attempt stood; null starts anew */
  readonly from: Checkpoint | null
  /** a model to start anew from, instead of first weights from the seed */
  readonly start?: HostModel
  /** keeps a checkpoint; its answer names it in failures */
  readonly save: (checkpoint: Checkpoint) => Promise<CheckpointRef>
  readonly onEpoch?: (record: EpochRecord) => void
  /** looked at between steps, at least every half second: training then keeps a checkpoint and throws the signal's reason */
  readonly signal?: AbortSignal
}

export interface Trained extends HostModel {
  readonly steps: number
  readonly epochs: readonly EpochRecord[]
  readonly bestEpoch: number
  readonly validationLoss: number
  /** what ended it */
  readonly ended: Ending
}

/**
 * Trains until the plan's epochs are done, patience ends or a budget is spent. Throws LOSS_NOT_FINITE, GRADIENT_EXPLODED,
 * WEIGHTS_NOT_FINITE, OUT_OF_MEMORY, or the signal's reason.
 * On one kind of machine the result is bit-identical for the same options, however often it was interrupted and resumed, unless minutes end it.
 */
export async function trainModel(options: TrainingOptions): Promise<Trained> {
  const { tf, train, rows, from, signal, engine = eagerEngine(options) } = options
  const perEpoch = stepsPerEpoch(rows.rows, train.batch)
  const elapsedMs = stopwatch(from?.elapsedMs)
  const feeder = openFeeder({ ...options, form: engine.form })
  const feeding = openFeeding(tf, feeder)
  const keeper = openKeeper({ ...options, engine, elapsedMs })
  const watch = openWatch({ ...options, epochLoss: from?.epochLoss ?? 0, lastKey: keeper.lastKey })
  let { step, epochs, best } = from ?? { step: 0, epochs: [], best: { weights: [], averages: [] } }

  const keep = () => keeper.keep({ step, epochLoss: watch.epochLoss(), epochs, best }, watch.newest())
  const look = async (): Promise<void> => {
    await watch.look()
    await nextTurn() // signals and timers get theirs
    if (signal?.aborted && !keeper.holds(step)) await keep()
    signal?.throwIfAborted()
  }
  const checkpoint = async (): Promise<void> => {
    await look() // a checkpoint never follows a step whose numbers were not looked at
    await keep()
  }

  engine.load(from ?? beginning(options))
  try {
    // an epoch that was interrupted is ended first, whatever the budget says
    let ended = step > epochs.length * perEpoch ? null : endingOf({ epochs, step, elapsedMs }, train)
    while (ended === null) {
      const epoch = epochs.length + 1
      const [first, end] = [(epoch - 1) * perEpoch, epoch * perEpoch]
      const order = epochOrder(rows.rows, train.seed, epoch)
      const validationLosses = epochs.map(({ validationLoss }) => validationLoss)
      while (step < end && budgetSpent({ step, elapsedMs }, train.budget) === null) {
        const inputs = feeding.next({ step, order, start: (step - first) * train.batch, validationLosses })
        const numbers = takeStep(engine, inputs, train)
        step += 1
        watch.add({ ...numbers, rows: inputs.rows, rate: inputs.rate, step, epoch })
        if (watch.isDue()) await look()
        if (step % train.checkpointEvery === 0 && step < end) await checkpoint()
      }
      feeding.leave() // where a budget ended the epoch in its middle
      await look()
      const seen = Math.max(1, Math.min((step - first) * train.batch, rows.rows))
      const validationLoss = await engine.validationLoss(options.validation)
      const record = recordEpoch(epochs, { epoch, trainLoss: watch.epochLoss() / seen, validationLoss })
      requireFinite(record, { ...options, step, before: watch.newest(), checkpoint: keeper.lastKey() })
      watch.nextEpoch()
      epochs = [...epochs, record]
      if (record.best) best = keptModel(optimizerOf(tf, train), await engine.read())
      options.onEpoch?.(record)
      await checkpoint()
      ended = endingOf({ epochs, step, elapsedMs }, train)
    }
    engine.dispose()
    const { epoch: bestEpoch, validationLoss } = epochs.findLast((record) => record.best)!
    return { ...best, steps: step, epochs, bestEpoch, validationLoss, ended }
  } finally {
    feeding.leave()
    feeder.dispose()
  }
}

/** Weights from the seed, or a model to go on from. */
function beginning(options: TrainingOptions) {
  const { tf, train, start } = options
  return start === undefined ? initialState(options) : stateFrom(optimizerOf(tf, train), start)
}

/** Throws OUT_OF_MEMORY. */
function takeStep(engine: Engine, { feed, index }: StepInputs, train: TrainSpec) {
  try {
    return engine.step(feed, index)
  } catch (error) {
    throw outOfMemory(error, needOfStep(train)) ?? error
  }
}

/** Throws LOSS_NOT_FINITE. */
function requireFinite(
  { epoch, validationLoss }: EpochRecord,
  {
    step,
    before,
    checkpoint,
    describeRows,
    advise = adviseRate,
  }: Pick<TrainingOptions, 'describeRows' | 'advise'> & {
    step: number
    before: Parameters<typeof suspicion>[0]
    checkpoint: string
  },
): void {
  if (Number.isFinite(validationLoss)) return
  throw failure('LOSS_NOT_FINITE', {
    found: `${validationLoss} on the validation rows`,
    step,
    epoch,
    rows: 'the validation rows',
    before: suspicion(before, describeRows),
    advice: adviceOnValidation(advise, before?.rows ?? null),
    checkpoint,
  })
}

/** About a value among the validation rows, or one among those that the last step learnt from. */
function adviceOnValidation(advise: Advise, rows: Int32Array | null): string {
  const advice = advise(null)
  return advice === LESS_RATE && rows !== null ? advise(rows) : advice
}

/** → milliseconds since now and those `before`. */
function stopwatch(before = 0): () => number {
  const since = performance.now()
  return () => before + performance.now() - since
}
