// The tensors of one step: rows, labels, dropout masks, step size. All of it follows from the step's number and the seed.
import type { Scalar } from '@tensorflow/tfjs'
import type { TrainSpec } from '../schemas/plan.ts'
import type { Tf } from './backend.ts'
import { gatherRows, type Matrix } from './batches.ts'
import { type Architecture, drawDropout } from './mlp.ts'
import { adamRate } from './optimizer.ts'
import type { Batch } from './step.ts'

export interface StepInputs {
  readonly batch: Batch
  readonly rate: Scalar
  /** rows of the batch */
  readonly count: number
}

/** Makes the inputs of step `step` (0 for the first) from order[start, start + batch); the last batch of an epoch is shorter. */
export type BatchSource = (position: { step: number; order: Int32Array; start: number }) => StepInputs

/**
 * The arrays behind the tensors are used again by the next call (fresh ones would cost more than filling them): dispose what one call
 * gave before the next one.
 */
export function openBatches({
  tf,
  architecture,
  train,
  rows,
}: {
  tf: Tf
  architecture: Architecture
  train: TrainSpec
  rows: Matrix
}): BatchSource {
  const most = Math.min(train.batch, rows.rows)
  const { dropout, hidden } = architecture
  const inputs = new Float32Array(most * rows.width)
  const labels = new Float32Array(most)
  const masks = dropout === 0 ? [] : hidden.map((units) => new Float32Array(most * units))
  return ({ step, order, start }) => {
    const end = Math.min(start + train.batch, rows.rows)
    const count = end - start
    gatherRows(rows, { order, start, end }, { inputs, labels })
    return {
      batch: {
        x: tf.tensor2d(inputs.subarray(0, count * rows.width), [count, rows.width]),
        y: tf.tensor1d(labels.subarray(0, count)),
        masks: masks.map((mask, layer) => {
          const units = hidden[layer]!
          const values = mask.subarray(0, count * units)
          drawDropout(values, { dropout, seed: train.seed, step, layer })
          return tf.tensor2d(values, [count, units])
        }),
      },
      rate: tf.scalar(adamRate(train.optimizer, step + 1)),
      count,
    }
  }
}

export function disposeInputs(tf: Tf, { batch, rate }: StepInputs): void {
  tf.dispose([batch.x, batch.y, ...batch.masks, rate])
}
