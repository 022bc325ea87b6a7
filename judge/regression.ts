// Regression metrics: squared, absolute and relative errors, and the share of variance explained.
import { strict as assert } from 'node:assert'
import type { RegressionMetric } from '../schemas/plan.ts'
import { type Answers, type Estimator, onceEach, type RowSums, rowSums, weightedMean } from './estimator.ts'

export interface Errors {
  readonly rows: number
  readonly labels: Float64Array
  /** (output − label)² */
  readonly squared: Float64Array
  readonly absolute: Float64Array
}

export function measureErrors({ rows, outputs, labels }: Answers): Errors {
  assert(outputs.length === rows && labels.length === rows, 'outputs and labels fit the rows')
  const errors = Float64Array.from(outputs, (output, row) => output - labels[row]!)
  return {
    rows,
    labels: Float64Array.from(labels),
    squared: errors.map((error) => error * error),
    absolute: errors.map(Math.abs),
  }
}

const NOT_NEGATIVE = [0, Number.MAX_VALUE] as const

export const REGRESSION: Readonly<Record<RegressionMetric, (errors: Errors) => Estimator>> = {
  /** the mean squared error, in squared units of the label, whatever loss the training minimised */
  loss: ({ squared }) => ({
    value: (weights) => weightedMean(squared, weights),
    range: NOT_NEGATIVE,
    reach: squared,
    sums: () => rowSums([squared], ([total], rows) => total! / rows),
  }),
  rmse: ({ rows, squared }) => {
    const rmse = Math.sqrt(weightedMean(squared, onceEach(rows)))
    return {
      value: (weights) => Math.sqrt(weightedMean(squared, weights)),
      range: NOT_NEGATIVE,
      // derivative of the root
      reach: squared.map((square) => (rmse === 0 ? 0 : square / (2 * rmse))),
      sums: () => rowSums([squared], ([total], count) => Math.sqrt(total! / count)),
    }
  },
  mae: ({ absolute }) => ({
    value: (weights) => weightedMean(absolute, weights),
    range: NOT_NEGATIVE,
    reach: absolute,
    sums: () => rowSums([absolute], ([total], rows) => total! / rows),
  }),
  /** mean of |error| / |label|: 0.2 is 20 %; NaN where a label is 0 */
  mape: ({ labels, absolute }) => {
    const relative = absolute.map((error, row) => (labels[row] === 0 ? Number.NaN : error / Math.abs(labels[row]!)))
    return {
      value: (weights) => meanOfDrawn(relative, weights),
      range: NOT_NEGATIVE,
      reach: relative,
      sums: () => rowSums([relative], ([total], rows) => total! / rows),
    }
  },
  /** 1 − Σ squared errors / Σ squared distances from the mean label; NaN for equal labels */
  r2: ({ rows, labels, squared }) => {
    const variance = labelVariance(labels, onceEach(rows))
    return {
      value: (weights) => 1 - weightedMean(squared, weights) / labelVariance(labels, weights),
      range: [-Number.MAX_VALUE, 1],
      reach: squared.map((square) => (variance === 0 ? 0 : -square / variance)),
      sums: () => explainedSums(squared, labels),
    }
  },
}

/** Squared errors, and distances from the mean label with their squares, of which both variances are made. */
function explainedSums(squared: Float64Array, labels: Float64Array): RowSums {
  const mean = weightedMean(labels, onceEach(labels.length))
  const distances = labels.map((label) => label - mean)
  const terms = [squared, distances, distances.map((distance) => distance ** 2)]
  return rowSums(terms, ([error, distance, square], rows) => {
    const variance = square! / rows - (distance! / rows) ** 2
    return 1 - error! / rows / variance
  })
}

function labelVariance(labels: Float64Array, weights: Int32Array): number {
  const mean = weightedMean(labels, weights)
  let total = 0
  for (let row = 0; row < labels.length; row++) total += weights[row]! * (labels[row]! - mean) ** 2
  return total / labels.length
}

/** The weighted mean of the rows that count at all: where others are NaN, it is not. */
function meanOfDrawn(values: Float64Array, weights: Int32Array): number {
  let total = 0
  for (let row = 0; row < values.length; row++) if (weights[row] !== 0) total += weights[row]! * values[row]!
  return total / values.length
}
