// What a model learns to answer, as one float32 per row.
import assert from 'node:assert/strict'
import type { Column, Columns } from '../../schemas/columns.ts'
import { isValid, placeOf } from '../../schemas/columns.ts'
import { failure, type SluiceFailure } from '../../schemas/failures.ts'
import type { PredictSpec } from '../../schemas/plan.ts'

/**
 * → [rows]: the class's index in `predict.classes` (category), 0 or 1 (probability), the value (number), or nothing but zeros (next).
 * The cleaner leaves out rows without a label and values outside the classes: meeting one is a broken invariant. Throws LABEL_OVERFLOW for
 * a number whose square, which losses and metrics take, no float32 holds.
 */
export function labelsOf(columns: Columns, predict: PredictSpec): Float32Array {
  if (predict.task === 'next') return new Float32Array(columns.rows) // a text is its own label
  const column = columns.byName[predict.column]
  assert(column !== undefined, `label column ${predict.column} is in the dataset`)
  const labels = new Float32Array(columns.rows)
  const read = labelReader(column, predict)
  for (let row = 0; row < columns.rows; row++) {
    assert(isValid(column.valid, row), `row ${row} has a label`)
    labels[row] = read(row)
    if (!Number.isFinite(Math.fround(labels[row]! ** 2))) throw overflow(columns, predict.column, row)
  }
  return labels
}

function overflow(columns: Columns, name: string, row: number): SluiceFailure {
  const column = columns.byName[name]
  const value = column?.type === 'float64' ? column.values[row] : undefined
  return failure('LABEL_OVERFLOW', { column: name, found: `${value} in ${placeOf(columns, row)}` })
}

function labelReader(column: Column, predict: Exclude<PredictSpec, { task: 'next' }>): (row: number) => number {
  if (predict.task === 'category') {
    assert(column.type === 'dictionary', 'a category is a dictionary column')
    const classOfCode = column.dictionary.map((value) => predict.classes.indexOf(value))
    return (row) => {
      const index = classOfCode[column.codes[row]!]!
      assert(index >= 0, `the label of row ${row} is one of the declared classes`)
      return index
    }
  }
  assert(column.type === (predict.task === 'number' ? 'float64' : 'bool'), `label column of type ${column.type}`)
  return (row) => column.values[row] as number
}

/** → [rows]: how much each row counts in training; a missing weight counts 1. Throws WEIGHT_INVALID for one below 0 or not finite as float32. */
export function rowWeights(columns: Columns, name: string): Float32Array {
  const column = columns.byName[name]
  assert(column?.type === 'float64', `weight column ${name} of numbers is in the dataset`)
  return Float32Array.from(column.values, (value, row) => {
    if (!isValid(column.valid, row)) return 1
    if (value >= 0 && Number.isFinite(Math.fround(value))) return value
    throw failure('WEIGHT_INVALID', { column: name, found: value, row })
  })
}
