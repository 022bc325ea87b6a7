// What a model learns to answer, as one float32 per row.
import assert from 'node:assert/strict'
import type { Column, Columns } from '../../schemas/columns.ts'
import { isValid, placeOf } from '../../schemas/columns.ts'
import type { FittedLabel } from '../../schemas/dataset.ts'
import { failure, type SluiceFailure } from '../../schemas/failures.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import { scaledLabel } from './label-scale.ts'

/**
 * → [rows]: the class's index in `predict.classes` (category), 0 or 1 (probability), the value (number), or nothing but zeros (next).
 * The cleaner leaves out rows without a label and values outside the classes: meeting one is a broken invariant. Throws LABEL_OVERFLOW for
 * a number whose square, which losses and metrics take, no float32 holds. `scale`: numbers as they are learnt, rounded once they are scaled;
 * throws LABEL_UNDEFINED for one without a logarithm.
 */
export function labelsOf(columns: Columns, predict: PredictSpec, scale?: FittedLabel): Float32Array {
  if (predict.task === 'next') return new Float32Array(columns.rows) // a text is its own label
  const column = columns.byName[predict.column]
  assert(column !== undefined, `label column ${predict.column} is in the dataset`)
  const labels = new Float32Array(columns.rows)
  const read = labelReader(column, predict)
  for (let row = 0; row < columns.rows; row++) {
    assert(isValid(column.valid, row), `row ${row} has a label`)
    const value = read(row)
    if (!Number.isFinite(Math.fround(Math.fround(value) ** 2)))
      throw refused('LABEL_OVERFLOW', columns, { predict, row })
    labels[row] = scale === undefined ? value : scaledLabel(scale, value)
    if (!Number.isFinite(labels[row])) throw refused('LABEL_UNDEFINED', columns, { predict, row })
  }
  return labels
}

function refused(
  code: 'LABEL_OVERFLOW' | 'LABEL_UNDEFINED',
  columns: Columns,
  { predict: { column: name }, row }: { predict: PredictSpec; row: number },
): SluiceFailure {
  const column = columns.byName[name]
  const value = column?.type === 'float64' ? column.values[row] : undefined
  return failure(code, { column: name, found: `${value} in ${placeOf(columns, row)}` })
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
