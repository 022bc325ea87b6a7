// Rows of a request → what the model computes with, all of it finite.
import type { Value } from '../core/values.ts'
import { compileRequest, type RowReader } from '../ml/features/request.ts'
import { type CompiledTransform, compileTransform } from '../ml/features/transform.ts'
import type { ColumnSpec } from '../schemas/columns.ts'
import type { Transform } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import { shown } from '../schemas/shown.ts'

/** One raw row → the model's input. */
export type InputReader = (row: unknown) => Float32Array

export interface RequestInputs {
  readonly compiled: CompiledTransform
  /** For the rows of one request. Readers throw REQUEST_INVALID, as `compileRequest` says, and for a value beyond 32-bit floats. */
  open(): InputReader
  /** For golden rows, which hold nothing but features. */
  readonly golden: InputReader
}

/** Throws MODEL_INVALID when the transform uses a column that the pipeline lacks. */
export function compileInputs(columns: readonly ColumnSpec[], transform: Transform): RequestInputs {
  const compiled = compileTransform(transform)
  const rules = compileRequest(columns, transform)
  const inputsOf =
    (read: RowReader): InputReader =>
    (json) => {
      const row = read(json)
      const inputs = compiled.applyRow(row)
      let sum = 0 // of float32 in float64: finite exactly if each of them is
      for (let i = 0; i < inputs.length; i++) sum += inputs[i]!
      if (Number.isFinite(sum)) return inputs
      throw refuseValue(transform, inputs, row)
    }
  return { compiled, open: () => inputsOf(rules.open()), golden: inputsOf(rules.fields) }
}

function refuseValue({ features }: Transform, inputs: Float32Array, row: Readonly<Record<string, Value>>): Error {
  const at = inputs.findIndex((x) => !Number.isFinite(x))
  const columnOfInput = features.flatMap(({ column, width }) => Array.from({ length: width }, () => column))
  const column = columnOfInput[at]!
  const expected = 'a value with which the model can compute in 32-bit floats'
  return failure('REQUEST_INVALID', { field: column, expected, found: shown(row[column]) })
}
