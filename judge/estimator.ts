// A metric as a function of how often each row counts: what the report, the gates and the bootstrap share.
import type { PredictSpec } from '../schemas/plan.ts'
import type { Interval } from './intervals.ts'

/** How often each row counts; the counts sum to the number of rows. */
export type Weights = Int32Array

/** What a model answered for rows whose truth is known. */
export interface Answers {
  readonly predict: PredictSpec
  readonly rows: number
  /** [rows] P(true) or value; [rows × classes] probabilities, row by row */
  readonly outputs: Float32Array
  /** [rows] 0 or 1, class index, or value */
  readonly labels: Float32Array
}

export interface Estimator {
  /** The metric of rows that count `weights` times; NaN where it is not defined (e.g. AUC of one class). */
  value(weights: Weights): number
  /** what the metric can be at all */
  readonly range: Interval
  /**
   * How far the metric can move per share of rows that the sample happens not to hold: one number for bounded metrics;
   * the effect of each row seen where only they tell how large an error can be.
   */
  readonly reach: number | Float64Array
  /** For metrics that small samples bias, so that their replicates mislead: what bounds the error instead. */
  readonly distance?: SampleDistance
  /** whether each row is a hit, for metrics that are the plain share of hits: their intervals are exact */
  readonly hits?: Uint8Array
  /** [hits, trials] for metrics that are a share of some of the rows */
  readonly share?: readonly [hits: number, trials: number]
}

export interface SampleDistance {
  /** at least as far as the metric of the weighted rows is from that of the rows once each; without bias itself */
  of(weights: Weights): number
  /** the side of the estimate on which replicates mislead */
  readonly side: 'below' | 'both'
}

/** Weights that count every row once. */
export function onceEach(rows: number): Weights {
  return new Int32Array(rows).fill(1)
}

/** Σ weight × value / rows. */
export function weightedMean(values: Float64Array, weights: Weights): number {
  let total = 0
  for (let row = 0; row < values.length; row++) total += weights[row]! * values[row]!
  return total / values.length
}
