// The tensors of one step: rows, labels, rates and the key of its noise. All of it follows from the step's number and the seed.
import type { TrainSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { gatherRows, type Matrix } from './batches.ts'
import { noiseKey } from './noise.ts'
import { optimizerOf } from './optimizers/optimizer.ts'
import type { Batch, Hyper } from './step.ts'

export interface StepInputs {
  readonly batch: Batch
  readonly hyper: Hyper
  /** rows of the batch */
  readonly count: number
}

/** Makes the inputs of step `step` (0 for the first) from order[start, start + batch); the last batch of an epoch is shorter. */
export type BatchSource = (position: { step: number; order: Int32Array; start: number }) => StepInputs

/**
 * The arrays behind the tensors are used again by the next call (fresh ones would cost more than filling them): dispose what one call
 * gave before the next one.
 */
export function openBatches({ tf, train, rows }: { tf: Tf; train: TrainSpec; rows: Matrix }): BatchSource {
  const most = Math.min(train.batch, rows.rows)
  const inputs = new Float32Array(most * rows.width)
  const labels = new Float32Array(most)
  const { stepSize } = optimizerOf(tf, train.optimizer)
  return ({ step, order, start }) => {
    const end = Math.min(start + train.batch, rows.rows)
    const count = end - start
    gatherRows(rows, { order, start, end }, { inputs, labels })
    const { rate } = train.optimizer
    return {
      batch: {
        x: tf.tensor2d(inputs.subarray(0, count * rows.width), [count, rows.width]),
        y: tf.tensor1d(labels.subarray(0, count)),
      },
      hyper: {
        rate: tf.scalar(rate),
        stepSize: tf.scalar(stepSize(rate, step + 1)),
        key: tf.tensor1d(noiseKey(train.seed, step)),
      },
      count,
    }
  }
}

export function disposeInputs(tf: Tf, { batch, hyper }: StepInputs): void {
  tf.dispose([batch.x, batch.y, hyper.rate, hyper.stepSize, hyper.key])
}
