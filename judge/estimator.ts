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
  /** made when they are asked for; absent: the metric is no function of sums over rows */
  readonly sums?: () => RowSums
  /** For metrics that small samples bias, so that their replicates mislead: what bounds the error instead. */
  readonly distance?: SampleDistance
  /** whether each row is a hit, for metrics that are the plain share of hits: their intervals are exact */
  readonly hits?: Uint8Array
  /** [hits, trials] for metrics that are a share of some of the rows */
  readonly share?: readonly [hits: number, trials: number]
}

/** A metric by sums to which each row adds: many rows can then be drawn in groups, whose sums are made once. */
export interface RowSums {
  /** how many sums */
  readonly count: number
  /** to how many of them a row adds: about what a row costs where it is drawn by itself */
  readonly work: number
  /** Adds what a row contributes to sums[at, at + count). */
  add(row: number, sums: Float64Array, at: number): void
  /** The metric of rows with these sums; NaN where it is not defined. */
  value(totals: Float64Array, rows: number): number
  /** SampleDistance.of rows with these sums, for metrics that have one */
  distance?(totals: Float64Array, rows: number): number
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

/** Sums of one value per row each. */
export function rowSums(terms: readonly Float64Array[], value: RowSums['value']): RowSums {
  return {
    count: terms.length,
    work: terms.length,
    add(row, sums, at) {
      for (let term = 0; term < terms.length; term++) sums[at + term]! += terms[term]![row]!
    },
    value,
  }
}

/** The sums of two metrics on the same rows, of which `value` is the difference. */
export function differenceOfSums(first: RowSums, second: RowSums): RowSums {
  const [ofFirst, ofSecond] = [first.distance, second.distance]
  return {
    count: first.count + second.count,
    work: first.work + second.work,
    ...(ofFirst &&
      ofSecond && {
        distance: (totals, rows) =>
          ofFirst(totals.subarray(0, first.count), rows) + ofSecond(totals.subarray(first.count), rows),
      }),
    add(row, sums, at) {
      first.add(row, sums, at)
      second.add(row, sums, at + first.count)
    },
    value: (totals, rows) =>
      first.value(totals.subarray(0, first.count), rows) - second.value(totals.subarray(first.count), rows),
  }
}

/** The mean of those of several metrics on the same rows that are defined; NaN where none is. */
export function meanOfSums(metrics: readonly RowSums[]): RowSums {
  const starts = metrics.map((_, i) => metrics.slice(0, i).reduce((sum, { count }) => sum + count, 0))
  return {
    count: metrics.reduce((sum, { count }) => sum + count, 0),
    work: metrics.reduce((sum, { work }) => sum + work, 0),
    add(row, sums, at) {
      for (let i = 0; i < metrics.length; i++) metrics[i]!.add(row, sums, at + starts[i]!)
    },
    value(totals, rows) {
      const values = metrics
        .map((metric, i) => metric.value(totals.subarray(starts[i]!, starts[i]! + metric.count), rows))
        .filter(Number.isFinite)
      return values.reduce((sum, value) => sum + value, 0) / values.length
    },
  }
}

/** Σ weight × value / rows. */
export function weightedMean(values: Float64Array, weights: Weights): number {
  let total = 0
  for (let row = 0; row < values.length; row++) total += weights[row]! * values[row]!
  return total / values.length
}
