// An answer is finite or an error: JSON would make null of NaN and infinity, and a draw among NaN makes any text.
import { failure } from '../../schemas/failures.ts'

/** Throws ANSWER_NOT_FINITE with the first bad one of `values`, [rows × width]. `nameOf`: what the answer of a row is for. */
export function requireFinite(values: Float32Array, width: number, nameOf: (row: number) => string): void {
  let sum = 0 // of float32 in float64: finite exactly if each of them is
  for (let i = 0; i < values.length; i++) sum += values[i]!
  if (Number.isFinite(sum)) return
  const at = values.findIndex((value) => !Number.isFinite(value))
  const row = Math.floor(at / width)
  throw failure('ANSWER_NOT_FINITE', { what: nameOf(row), row, found: String(values[at]) })
}
