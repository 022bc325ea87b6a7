// What to do when the numbers of a training go beyond floats: about the data where it is the cause, else about the learning rate.
import type { Matrix } from './input/matrix.ts'

/** In words, for `rows` of the training matrix; null: for all validation rows. */
export type Advise = (rows: Int32Array | null) => string

export const LESS_RATE = 'lower the learning rate, warm up or set clipNorm'

/** where nobody looks at the data */
export const adviseRate: Advise = () => LESS_RATE

export interface LargestValue {
  readonly value: number
  /** of the matrix */
  readonly row: number
  /** the input's number; null: it is the label */
  readonly input: number | null
}

/** The number farthest from 0 among the inputs and labels of the rows; null: of all rows of the matrix. null: there is no row. */
export function largestValue(
  { inputs, labels, width, rows: all }: Matrix,
  rows: Int32Array | null,
): LargestValue | null {
  let largest: LargestValue | null = null
  const count = rows?.length ?? all
  for (let i = 0; i < count; i++) {
    const row = rows?.[i] ?? i
    for (let input = 0; input < width; input++) {
      const value = inputs[row * width + input]!
      if (largest === null || Math.abs(value) > Math.abs(largest.value)) largest = { value, row, input }
    }
    const label = labels[row]!
    if (largest === null || Math.abs(label) > Math.abs(largest.value)) largest = { value: label, row, input: null }
  }
  return largest
}
