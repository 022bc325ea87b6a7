// Steps that were taken but whose numbers were not looked at yet: reading one waits for the device.
import type { Scalar } from '@tensorflow/tfjs'
import { failure } from '../../schemas/failures.ts'
import type { TrainSpec } from '../../schemas/plan.ts'
import type { Tf } from '../tf.ts'
import { type Advise, adviseRate } from './advice.ts'

/** What is known of a step without the device. */
export interface StepFacts {
  /** rows of the matrix that the step learnt from */
  readonly rows: Int32Array
  /** learning rate of the step */
  readonly rate: number
  /** 1 for the first */
  readonly step: number
  readonly epoch: number
}

export interface PendingStep extends StepFacts {
  readonly loss: Scalar
  /** of the gradient before any clipping; null where it is not watched */
  readonly norm: Scalar | null
}

/** A step whose numbers were found sound. */
export interface ReadStep extends StepFacts {
  readonly loss: number
  readonly norm: number | null
}

export interface ReadStepsOptions {
  readonly tf: Tf
  readonly train: Pick<TrainSpec, 'gradientLimit'>
  /** in words, for failures; default: their numbers in the matrix */
  readonly describeRows?: (rows: Int32Array) => string
  /** for failures; default: about the learning rate */
  readonly advise?: Advise
  /** the step before the first of these; null: none of this attempt */
  readonly before: ReadStep | null
  /** key of the last good checkpoint, for failures */
  readonly checkpoint: string
}

/**
 * Reads the numbers of steps in their order, and disposes of the tensors. Throws for the first that is unsound: LOSS_NOT_FINITE, or
 * GRADIENT_EXPLODED for a norm that is not finite or above the plan's limit.
 */
export async function readSteps(pending: readonly PendingStep[], options: ReadStepsOptions): Promise<ReadStep[]> {
  const values = await Promise.all(
    pending.map(async ({ loss, norm }) => [await numberOf(loss), norm && (await numberOf(norm))] as const),
  )
  options.tf.dispose(pending.flatMap(({ loss, norm }) => (norm === null ? [loss] : [loss, norm])))
  let { before } = options
  return pending.map(({ rows, rate, step, epoch }, i) => {
    const [loss, norm] = values[i]!
    before = requireSound({ rows, rate, step, epoch, loss, norm }, { ...options, before })
    return before
  })
}

const numberOf = async (scalar: Scalar): Promise<number> => (await scalar.data())[0]!

function requireSound(step: ReadStep, options: ReadStepsOptions): ReadStep {
  const { describeRows = listed, advise = adviseRate, train, before, checkpoint } = options
  const facts = () => ({ step: step.step, epoch: step.epoch, rows: describeRows(step.rows), checkpoint })
  if (!Number.isFinite(step.loss)) {
    const suspects = before === null ? [step.rows] : [step.rows, before.rows]
    throw failure('LOSS_NOT_FINITE', {
      ...facts(),
      found: String(step.loss),
      before: suspicion(before, describeRows),
      advice: advise(Int32Array.from(suspects.flatMap((rows) => [...rows]))),
    })
  }
  const { gradientLimit: limit = Number.POSITIVE_INFINITY } = train
  if (step.norm !== null && !(step.norm <= limit && Number.isFinite(step.norm))) {
    const allowed = Number.isFinite(limit) ? limit : 'any finite one'
    throw failure('GRADIENT_EXPLODED', {
      ...facts(),
      norm: shown(step.norm),
      limit: allowed,
      advice: advise(step.rows),
    })
  }
  return step
}

/**
 * What the step before a loss that is no number may have to do with it, in words: a loss is computed by the weights that the update
 * before left, and only a norm that was looked at says that they were sound.
 */
export function suspicion(before: ReadStep | null, describeRows: (rows: Int32Array) => string = listed): string {
  if (before === null) return 'no step of this attempt came before, so its own rows or the weights it began with did it'
  const { step, norm, rows } = before
  if (norm !== null) return `the gradient of step ${step} before it had the norm ${shown(norm)}`
  return (
    `or the update of step ${step} before it had left unsound weights, from ${describeRows(rows)}: ` +
    'train.gradientLimit tells the two apart'
  )
}

/** JSON has no infinity. */
function shown(norm: number): number | string {
  return Number.isFinite(norm) ? Number(norm.toPrecision(6)) : String(norm)
}

/** Their numbers in the matrix. */
export function listed(rows: Int32Array): string {
  return `rows ${[...rows.subarray(0, 8)].join(', ')}${rows.length > 8 ? `, … (${rows.length})` : ''}`
}
