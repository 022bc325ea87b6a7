// The losses of steps that were taken but not looked at yet: reading one waits for the device.
import type { Scalar } from '@tensorflow/tfjs'
import { failure } from '../schemas/failures.ts'
import type { CheckpointRef } from '../schemas/model.ts'

export interface PendingLoss {
  readonly loss: Scalar
  /** rows of the matrix that the step learnt from */
  readonly rows: Int32Array
  /** learning rate of the step */
  readonly rate: number
  /** 1 for the first */
  readonly step: number
  readonly epoch: number
}

/** Throws LOSS_NOT_FINITE: which step, which rows, and the checkpoint before it. The tensor stays the caller's. */
export async function readLoss(
  { describeRows = listed }: { readonly describeRows?: (rows: Int32Array) => string },
  { loss, rows, step, epoch }: PendingLoss,
  lastSave: CheckpointRef | null,
): Promise<number> {
  const value = (await loss.data())[0]!
  if (Number.isFinite(value)) return value
  const checkpoint = lastSave?.key ?? 'none'
  throw failure('LOSS_NOT_FINITE', { found: String(value), step, epoch, rows: describeRows(rows), checkpoint })
}

function listed(rows: Int32Array): string {
  return `rows ${[...rows.subarray(0, 8)].join(', ')}${rows.length > 8 ? `, … (${rows.length})` : ''}`
}
