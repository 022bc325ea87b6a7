// The last check before a model goes live: it must repeat, here, what it answered right after training.
import { concatenate } from '../core/concatenate.ts'
import { failure, isFailure } from '../schemas/failures.ts'
import type { GoldenRows } from '../schemas/model.ts'

export interface GoldenSubject {
  /** short name for messages */
  readonly model: string
  /** raw row, as a client sends it → the transform's output */
  readonly transformRow: (row: unknown) => Float32Array
  /** [rows × width] → [rows × outputs], both row by row */
  readonly predict: (inputs: Float32Array) => Float32Array
}

/**
 * Throws MODEL_INVALID unless every input is repeated bit for bit and every output within the stored tolerance.
 * Bit for bit, because a transform that differs a little in serving differs silently.
 */
export function checkGolden(golden: GoldenRows, subject: GoldenSubject): void {
  const { model } = subject
  const refuse = (expected: string, found: string) => failure('MODEL_INVALID', { model, expected, found })
  const rows = golden.rows.length
  if (rows === 0) throw refuse('at least one golden row', 'none')
  if (golden.inputs.length !== rows || golden.outputs.length !== rows) {
    throw refuse(
      `inputs and outputs of ${rows} golden rows`,
      `${golden.inputs.length} inputs, ${golden.outputs.length} outputs`,
    )
  }
  const inputs = golden.rows.map((row, r) => {
    const input = transformed(subject, row, refuse)
    const difference = firstDifference(golden.inputs[r]!, input)
    if (difference !== null) throw refuse(`golden row ${r}: input ${difference.expected}`, difference.found)
    return input
  })
  const outputs = subject.predict(concatenate(inputs))
  const width = golden.outputs[0]!.length
  if (outputs.length !== rows * width) throw refuse(`${rows * width} outputs of golden rows`, String(outputs.length))
  for (let i = 0; i < outputs.length; i++) {
    const expected = golden.outputs[Math.floor(i / width)]?.[i % width] ?? Number.NaN
    const found = outputs[i]!
    // written so that NaN on either side refuses
    if (!(Math.abs(expected - found) <= golden.tolerance)) {
      throw refuse(
        `golden row ${Math.floor(i / width)}: output ${i % width} = ${expected} ± ${golden.tolerance}`,
        `${found}`,
      )
    }
  }
}

/** A golden row that the pipeline's columns no longer accept is the model's problem, not a client's. */
function transformed(
  { transformRow }: GoldenSubject,
  row: unknown,
  refuse: (expected: string, found: string) => Error,
): Float32Array {
  try {
    return transformRow(row)
  } catch (error) {
    if (!isFailure(error, 'REQUEST_INVALID')) throw error
    throw refuse('golden rows that the columns of the pipeline accept', error.message)
  }
}

function firstDifference(expected: readonly number[], found: Float32Array): { expected: string; found: string } | null {
  if (expected.length !== found.length) return { expected: `of width ${expected.length}`, found: `${found.length}` }
  // Object.is tells −0 from 0: JSON keeps neither, so both sides go through one float32 with + 0
  for (let i = 0; i < found.length; i++) {
    if (!Object.is(Math.fround(expected[i]!) + 0, found[i]! + 0)) {
      return { expected: `[${i}] = ${expected[i]}`, found: `${found[i]}` }
    }
  }
  return null
}
