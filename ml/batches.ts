// Rows as one float32 matrix in memory, and the order in which an epoch visits them.
import assert from 'node:assert/strict'
import { deriveSeed, permutation, seededRandom } from '../core/random.ts'
import type { Columns } from '../schemas/columns.ts'
import type { PredictSpec } from '../schemas/plan.ts'
import { labelsOf } from './labels.ts'
import type { CompiledTransform } from './transform.ts'

export interface Matrix {
  readonly rows: number
  readonly width: number
  /** [rows, width] */
  readonly inputs: Float32Array
  /** [rows] */
  readonly labels: Float32Array
}

/** Transforms the parts of one split, one at a time, into one matrix of `rows` rows. */
export async function matrixOf(
  parts: AsyncIterable<Columns>,
  { transform, predict, rows }: { transform: CompiledTransform; predict: PredictSpec; rows: number },
): Promise<Matrix> {
  const { width } = transform
  const inputs = new Float32Array(rows * width)
  const labels = new Float32Array(rows)
  let at = 0
  for await (const part of parts) {
    assert(at + part.rows <= rows, `the parts hold the ${rows} rows that the manifest says`)
    transform.applyColumns(part, inputs, at)
    labels.set(labelsOf(part, predict), at)
    at += part.rows
  }
  assert.equal(at, rows, `the parts hold the ${rows} rows that the manifest says`)
  return { rows, width, inputs, labels }
}

/** Steps of one epoch: the last batch may be short, no row is left out. */
export function stepsPerEpoch(rows: number, batch: number): number {
  return Math.ceil(rows / batch)
}

/** The rows in the order of epoch `epoch`: decided by the seed and the epoch alone. */
export function epochOrder(rows: number, seed: number, epoch: number): Int32Array {
  return permutation(rows, seededRandom(deriveSeed(seed, 'shuffle', epoch)))
}

/** Copies rows order[start, end) of the matrix to the beginning of `into`. */
export function gatherRows(
  { inputs, labels, width }: Matrix,
  { order, start, end }: { order: Int32Array; start: number; end: number },
  into: { inputs: Float32Array; labels: Float32Array },
): void {
  for (let i = start; i < end; i++) {
    const row = order[i]!
    into.inputs.set(inputs.subarray(row * width, (row + 1) * width), (i - start) * width)
    into.labels[i - start] = labels[row]!
  }
}
