// Rows as one float32 matrix in memory, and the order in which an epoch visits them.
import assert from 'node:assert/strict'
import { deriveSeed, permutation, seededRandom } from '../core/random.ts'
import type { Columns } from '../schemas/columns.ts'
import type { FittedTokens } from '../schemas/dataset.ts'
import type { PredictSpec } from '../schemas/plan.ts'
import { labelsOf, rowWeights } from './labels.ts'
import { needOfRows, outOfMemory } from './out-of-memory.ts'
import { idsOf } from './token-feature.ts'
import type { CompiledTransform } from './transform.ts'
import { passRowsOf } from './validation.ts'
import { contextOf, type Windows, windowsOf } from './windows.ts'

export interface Matrix {
  readonly rows: number
  readonly width: number
  /** [rows, width] */
  readonly inputs: Float32Array
  /** [rows]; next tokens: how many targets of the row count */
  readonly labels: Float32Array
  /** [rows] how much each row counts in training; absent: 1 */
  readonly weights?: Float32Array
  /** rows of a forward pass without gradient that fit memory; absent: any */
  readonly passRows?: number
}

/**
 * Transforms the parts of one split, one at a time, into one matrix of `rows` rows; next-token training: of the windows of so many
 * documents. Throws OUT_OF_MEMORY.
 */
export async function matrixOf(
  parts: AsyncIterable<Columns>,
  {
    transform,
    predict,
    rows,
    weight,
  }: { transform: CompiledTransform; predict: PredictSpec; rows: number; weight?: string | undefined },
): Promise<Matrix> {
  const { width, tokens } = transform
  if (tokens !== null) return await windowMatrix(parts, tokens)
  const { inputs, labels } = roomFor({ rows, width })
  const weights = weight === undefined ? undefined : new Float32Array(rows)
  let at = 0
  for await (const part of parts) {
    assert(at + part.rows <= rows, `the parts hold the ${rows} rows that the manifest says`)
    transform.applyColumns(part, inputs, at)
    labels.set(labelsOf(part, predict), at)
    weights?.set(rowWeights(part, weight!), at)
    at += part.rows
  }
  assert.equal(at, rows, `the parts hold the ${rows} rows that the manifest says`)
  return { rows, width, inputs, labels, ...(weights && { weights }) }
}

/** Throws OUT_OF_MEMORY. */
function roomFor(size: Pick<Matrix, 'rows' | 'width'>): Pick<Matrix, 'inputs' | 'labels'> {
  try {
    return { inputs: new Float32Array(size.rows * size.width), labels: new Float32Array(size.rows) }
  } catch (error) {
    throw outOfMemory(error, needOfRows(size)) ?? error
  }
}

/** The windows of all documents, in their order. */
async function windowMatrix(parts: AsyncIterable<Columns>, tokens: FittedTokens): Promise<Matrix> {
  const windows: Windows[] = []
  for await (const part of parts) windows.push(windowsOf(part, tokens))
  const rows = windows.reduce((sum, part) => sum + part.rows, 0)
  const { inputs, labels } = roomFor({ rows, width: tokens.width })
  let at = 0
  for (const part of windows) {
    inputs.set(part.inputs, at * tokens.width)
    labels.set(part.targets, at)
    at += part.rows
  }
  return { rows, width: tokens.width, inputs, labels, passRows: passRowsOf(contextOf(tokens) * idsOf(tokens)) }
}

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
