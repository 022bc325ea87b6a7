// The rows of one split as one float32 matrix in memory.
import assert from 'node:assert/strict'
import type { Columns } from '../../../schemas/columns.ts'
import type { FittedTokens } from '../../../schemas/dataset.ts'
import type { PredictSpec } from '../../../schemas/plan.ts'
import { labelsOf, rowWeights } from '../../features/labels.ts'
import { idsOf } from '../../features/token-feature.ts'
import type { CompiledTransform } from '../../features/transform.ts'
import { contextOf, type Windows, windowsOf } from '../../features/windows.ts'
import { needOfRows, outOfMemory } from '../../out-of-memory.ts'

export interface Matrix {
  readonly rows: number
  readonly width: number
  /** [rows, width] */
  readonly inputs: Float32Array
  /** [rows], on the scale that is learnt; next tokens: how many targets of the row count */
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
  const { width, tokens, label } = transform
  if (tokens !== null) return await windowMatrix(parts, tokens)
  const { inputs, labels } = roomFor({ rows, width })
  const weights = weight === undefined ? undefined : new Float32Array(rows)
  let at = 0
  for await (const part of parts) {
    assert(at + part.rows <= rows, `the parts hold the ${rows} rows that the manifest says`)
    transform.applyColumns(part, inputs, at)
    labels.set(labelsOf(part, predict, label), at)
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

/** rows per forward pass, where nothing else is said */
export const PASS_ROWS = 2048
/** logits of a forward pass: 32 MiB, and as much again for each operation on them */
const MAX_LOGITS = 1 << 23

/** The numbers of rows that occur in a pass over all rows. */
export function chunkSizes({ rows, passRows = PASS_ROWS }: Pick<Matrix, 'rows' | 'passRows'>): number[] {
  return [...new Set([Math.min(rows, passRows), rows % passRows])].filter((size) => size > 0)
}

/** Rows per forward pass when a row has so many logits. */
export function passRowsOf(logitsPerRow: number): number {
  return Math.min(PASS_ROWS, Math.max(1, Math.floor(MAX_LOGITS / logitsPerRow)))
}
