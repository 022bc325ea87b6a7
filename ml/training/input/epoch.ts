// The order in which an epoch visits the rows, and how a step's rows are copied together.
import { deriveSeed, permutation, seededRandom } from '../../../core/random.ts'
import type { Matrix } from './matrix.ts'

/** Steps of one epoch: the last batch may be short, no row is left out. */
export function stepsPerEpoch(rows: number, batch: number): number {
  return Math.ceil(rows / batch)
}

/** The rows in the order of epoch `epoch`: decided by the seed and the epoch alone. */
export function epochOrder(rows: number, seed: number, epoch: number): Int32Array {
  return permutation(rows, seededRandom(deriveSeed(seed, 'shuffle', epoch)))
}

/** Below this many values a loop copies a row faster than a call does. */
const NARROW = 32

/** Copies rows order[start, end) of the matrix to the rows from `at` on of `into`. */
export function gatherRows(
  { inputs, labels, weights, width }: Matrix,
  { order, start, end }: { order: Int32Array; start: number; end: number },
  into: { inputs: Float32Array; labels: Float32Array; weights?: Float32Array | undefined; at: number },
): void {
  let to = into.at
  for (let i = start; i < end; i++, to++) {
    const row = order[i]!
    if (width < NARROW) {
      for (let column = 0; column < width; column++) into.inputs[to * width + column] = inputs[row * width + column]!
    } else {
      into.inputs.set(inputs.subarray(row * width, (row + 1) * width), to * width)
    }
    into.labels[to] = labels[row]!
    if (into.weights !== undefined) into.weights[to] = weights![row]!
  }
}
