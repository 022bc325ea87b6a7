// Fits the scale of a number to predict: mean and deviation of the training rows, so that any unit is learnt equally well.
import { strict as assert } from 'node:assert'
import { log1p } from '../core/log1p.ts'
import { type Column, type Columns, isValid, placeOf } from '../schemas/columns.ts'
import type { FittedLabel } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import type { PredictSpec } from '../schemas/plan.ts'
import { numberStatistics, type SavedStatistics } from './statistics.ts'

export interface LabelFit {
  /** Adds training rows. Throws LABEL_UNDEFINED. */
  add(column: Column, rows: Columns): void
  save(): SavedStatistics
  merge(saved: SavedStatistics): void
  /** null without a row. Labels that are all equal have the deviation 1: what that means for a training is not decided here. */
  finish(): FittedLabel | null
}

/** null: the label is no number, and is learnt as it is. */
export function labelFit(predict: PredictSpec | undefined): LabelFit | null {
  if (predict?.task !== 'number') return null
  const { column: name, log = false } = predict
  const statistics = numberStatistics()
  return {
    add(column, rows) {
      assert(column.type === 'float64', `${name} is a float64 column, not ${column.type}`)
      const { values: raw, valid } = column
      const values = log ? raw.map(log1p) : raw
      const at = values.findIndex((value, row) => isValid(valid, row) && !Number.isFinite(value))
      if (at >= 0) throw failure('LABEL_UNDEFINED', { column: name, found: `${raw[at]} in ${placeOf(rows, at)}` })
      statistics.add(values, valid)
    },
    save: () => statistics.save(),
    merge: (saved) => statistics.merge(saved),
    finish() {
      if (statistics.count() === 0) return null
      const { mean, deviation } = statistics.moments()
      return { column: name, log, mean, deviation: deviation > 0 ? deviation : 1 }
    },
  }
}
