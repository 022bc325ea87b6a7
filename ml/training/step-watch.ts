// Looks at the numbers of the steps now and then, not after each: reading one waits for the device. Adds up the epoch's loss and tells of the progress.
import type { TrainSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import type { Advise } from './advice.ts'
import { type PendingStep, type ReadStep, readSteps } from './pending-steps.ts'

/** There is a look at each step that is a multiple of it, however many there were between. */
const LOOK_EVERY = 20
/** Longest time between two looks, for models whose steps are slow. */
const LOOK_EVERY_MS = 500

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

export interface WatchOptions {
  readonly tf: Tf
  readonly train: Pick<TrainSpec, 'gradientLimit'>
  /** of an epoch that an earlier attempt began, see StepWatch.epochLoss */
  readonly epochLoss: number
  readonly onProgress?: (progress: Progress) => void
  /** where rows of the matrix stand in the dataset, in words, for failures */
  readonly describeRows?: (rows: Int32Array) => string
  /** what to do about numbers that are none, for failures; default: about the learning rate */
  readonly advise?: Advise
  /** key of the last good checkpoint, for failures */
  readonly lastKey: () => string
}

export interface StepWatch {
  /** Takes the numbers of a step; its tensors are the watch's to dispose of. */
  add(step: PendingStep): void
  /** true: the steps that were added wait long enough */
  isDue(): boolean
  /** Reads what was added, and reports the newest step. Throws LOSS_NOT_FINITE and GRADIENT_EXPLODED. */
  look(): Promise<void>
  /** the newest step that was looked at; null: none of this attempt */
  newest(): ReadStep | null
  /** sum over the rows of the current epoch, as far as looked at, of their batch's loss */
  epochLoss(): number
  /** A new epoch begins. */
  nextEpoch(): void
}

export function openWatch({ tf, train, onProgress, describeRows, advise, lastKey, ...begun }: WatchOptions): StepWatch {
  let { epochLoss } = begun
  let unread: PendingStep[] = []
  let newest: ReadStep | null = null
  let lastLook = performance.now()
  const paceOf = paceFrom(lastLook)
  return {
    add: (step) => void unread.push(step),
    isDue() {
      const step = unread.at(-1)?.step
      return step !== undefined && (step % LOOK_EVERY === 0 || performance.now() - lastLook > LOOK_EVERY_MS)
    },
    async look() {
      const pending = unread
      unread = []
      lastLook = performance.now()
      const words = { ...(describeRows && { describeRows }), ...(advise && { advise }) }
      const steps = await readSteps(pending, { tf, train, before: newest, checkpoint: lastKey(), ...words })
      for (const { loss, rows } of steps) epochLoss += loss * rows.length
      const last = steps.at(-1)
      if (last === undefined) return
      newest = last
      const { step, epoch, loss, rate, norm } = last
      const examplesPerSecond = paceOf(steps)
      const gradientNorm = norm === null ? {} : { gradientNorm: norm }
      onProgress?.({ step, epoch, loss, rate, examplesPerSecond, ...gradientNorm })
    },
    newest: () => newest,
    epochLoss: () => epochLoss,
    nextEpoch() {
      epochLoss = 0
    },
  }
}

/** Rows per second since the last call. */
function paceFrom(startMs: number): (steps: readonly ReadStep[]) => number {
  let sinceMs = startMs
  return (steps) => {
    const nowMs = performance.now()
    const rows = steps.reduce((sum, step) => sum + step.rows.length, 0)
    const perSecond = (1000 * rows) / Math.max(nowMs - sinceMs, 1e-3)
    sinceMs = nowMs
    return perSecond
  }
}
