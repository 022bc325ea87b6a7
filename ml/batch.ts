// The tensors of one step: rows, labels, rates and the key of its noise. All of it follows from the step's number and the seed.
import type { TrainSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { gatherRows, type Matrix, stepsPerEpoch } from './batches.ts'
import { partSize, partSizes } from './engine.ts'
import { noiseKey } from './noise.ts'
import { optimizerOf } from './optimizers/optimizer.ts'
import { scheduledRate } from './optimizers/rate.ts'
import type { Batch, Hyper } from './step.ts'

export interface StepInputs {
  /** one, or the parts whose gradients are accumulated */
  readonly batches: readonly Batch[]
  readonly hyper: Hyper
  /** the learning rate, as a number */
  readonly rate: number
  /** rows of the step */
  readonly count: number
}

/** Makes the inputs of step `step` (0 for the first) from order[start, start + batch); the last batch of an epoch is shorter. */
export type BatchSource = (position: {
  readonly step: number
  readonly order: Int32Array
  readonly start: number
  /** of the epochs done, for rates that wait for a plateau */
  readonly validationLosses: readonly number[]
}) => StepInputs

/**
 * The arrays behind the tensors are used again by the next call (fresh ones would cost more than filling them): dispose what one call
 * gave before the next one.
 */
export function openBatches({ tf, train, rows }: { tf: Tf; train: TrainSpec; rows: Matrix }): BatchSource {
  const most = Math.min(train.batch, rows.rows)
  const inputs = new Float32Array(most * rows.width)
  const labels = new Float32Array(most)
  const weights = rows.weights && new Float32Array(most)
  const { stepSize } = optimizerOf(tf, train)
  const totalSteps = train.epochs * stepsPerEpoch(rows.rows, train.batch)
  const { width } = rows
  return ({ step, order, start, validationLosses }) => {
    const end = Math.min(start + train.batch, rows.rows)
    const count = end - start
    gatherRows(rows, { order, start, end }, { inputs, labels, weights })
    const rate = scheduledRate(train.optimizer, { step, totalSteps, validationLosses })
    let at = 0
    const batches = partSizes(count, partSize(train)).map((size, part): Batch => {
      const [from, to] = [at, at + size]
      at = to
      return {
        x: tf.tensor2d(inputs.subarray(from * width, to * width), [size, width]),
        y: tf.tensor1d(labels.subarray(from, to)),
        ...(weights && { weights: tf.tensor1d(weights.subarray(from, to)) }),
        key: tf.tensor1d(noiseKey(train.seed, step, part)),
      }
    })
    const hyper = { rate: tf.scalar(rate), stepSize: tf.scalar(stepSize(rate, step + 1)) }
    return { batches, hyper, rate, count }
  }
}

export function disposeInputs(tf: Tf, { batches, hyper }: Pick<StepInputs, 'batches' | 'hyper'>): void {
  for (const { x, y, key, weights } of batches) tf.dispose(weights === undefined ? [x, y, key] : [x, y, key, weights])
  tf.dispose([hyper.rate, hyper.stepSize])
}
