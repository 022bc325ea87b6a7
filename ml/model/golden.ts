// Rows whose answers must not change between trainer and server: chosen from the validation split, written as a client would send them.
import { concatenate } from '../../core/concatenate.ts'
import type { Column, ColumnSpec, Columns } from '../../schemas/columns.ts'
import { isValid } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { GoldenRows } from '../../schemas/model.ts'
import { compileRequest } from '../features/request.ts'
import { compileTransform } from '../features/transform.ts'
import { requireFinite } from './finite-answers.ts'
import type { Model } from './model.ts'

const MAX_ROWS = 16
/** absolute, for probabilities and what a number is learnt as: backends round differently */
const TOLERANCE = 1e-4

/** a few roundings of 2⁻²⁴ */
const FLOAT32 = 1e-6

/**
 * The first 16 rows of `part` that a client could send, what the transform makes of them, and what the model answers.
 * The inputs go through `compileRequest`, as in serving, not through the columns. Throws ANSWER_NOT_FINITE for a model that cannot answer them.
 */
export function goldenRows(
  model: Model,
  { part, columns, transform }: { part: Columns; columns: readonly ColumnSpec[]; transform: Transform },
): GoldenRows {
  const compiled = compileTransform(transform)
  const rows = rawRows(part, transform)
  const { fields } = compileRequest(columns, transform)
  const inputs = rows.map((row) => compiled.applyRow(fields(row)))
  const { outputs } = model.architecture
  const answers = model.predict(concatenate(inputs))
  requireFinite(answers, outputs, (row) => `golden row ${row}`)
  return {
    kind: 'golden',
    rows,
    inputs: inputs.map((input) => [...input]),
    outputs: inputs.map((_, r) => [...answers.subarray(r * outputs, (r + 1) * outputs)]),
    tolerance: toleranceOf(transform, answers),
  }
}

/** The same in units of a number that was scaled, and what float32 itself cannot hold of a large one. */
function toleranceOf({ label }: Transform, answers: Float32Array): number {
  if (label === undefined) return TOLERANCE
  const largest = answers.reduce((most, answer) => Math.max(most, Math.abs(answer)), 0)
  const slope = label.log ? largest + 1 : 1 // of exp − 1
  return TOLERANCE * label.deviation * slope + FLOAT32 * (largest + Math.abs(label.log ? 1 : label.mean))
}

/** JSON rows of the feature columns; a missing value is left out. A row without one of its lists cannot be sent, nor one without any value. */
function rawRows(part: Columns, transform: Transform): Record<string, unknown>[] {
  const features = transform.features.map((feature) => ({ name: feature.column, column: part.byName[feature.column]! }))
  const rows: Record<string, unknown>[] = []
  for (let row = 0; row < part.rows && rows.length < MAX_ROWS; row++) {
    if (features.some(({ column }) => column.type === 'list' && !isValid(column.valid, row))) continue
    const present = features.filter(({ column }) => isValid(column.valid, row))
    if (present.length === 0) continue
    rows.push(Object.fromEntries(present.map(({ name, column }) => [name, jsonValue(column, row)])))
  }
  return rows
}

/** One cell as it would stand in a request. */
function jsonValue(column: Column, row: number): unknown {
  switch (column.type) {
    case 'dictionary':
      return column.dictionary[column.codes[row]!]
    case 'bool':
      return column.values[row] === 1
    case 'list':
      return [...column.values.subarray(row * column.width, (row + 1) * column.width)]
    case 'utf8':
    case 'binary':
      return new TextDecoder().decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]))
    case 'int64':
      return Number(column.values[row])
    default:
      return column.values[row]
  }
}
