// Expected calibration error: how far stated confidence is from what comes true.
import type { RowSums, Weights } from './estimator.ts'

const BINS = 15

/** Each row's bin, its stated confidence, and whether it came true. */
export interface CalibrationRows {
  readonly bins: Uint8Array
  /** confidence − truth per row, so that a bin's gap is one sum */
  readonly gaps: Float64Array
}

export function calibrationRows(confidence: Float64Array, cameTrue: Uint8Array): CalibrationRows {
  const bins = new Uint8Array(confidence.length)
  for (let row = 0; row < bins.length; row++) bins[row] = Math.min(BINS - 1, Math.floor(confidence[row]! * BINS))
  return { bins, gaps: confidence.map((p, row) => p - cameTrue[row]!) }
}

/**
 * Per bin, the sum of gaps ÷ rows. Guo et al. 2017 ("On Calibration of Modern Neural Networks", equation 3) sum their
 * absolute values over 15 bins of equal width: Σ share of rows × |mean confidence − share that came true|.
 */
export function binGaps({ bins, gaps }: CalibrationRows, weights: Weights): Float64Array {
  const sums = new Float64Array(BINS)
  for (let row = 0; row < bins.length; row++) sums[bins[row]!]! += weights[row]! * gaps[row]!
  return sums.map((sum) => sum / bins.length)
}

/** In [0, 1]; 0 is perfect. Biased upwards when bins hold few rows, since absolute values cannot average out. */
export function calibrationError(rows: CalibrationRows, weights: Weights): number {
  return binGaps(rows, weights).reduce((total, gap) => total + Math.abs(gap), 0)
}

/**
 * Σ |gap − gap of the sample| over the bins: by the triangle inequality the error cannot change by more. Unlike the error
 * itself this is not biased, so its distribution bounds how far the sample's error may be from the truth.
 */
export function gapDistance(gaps: Float64Array, ofSample: Float64Array): number {
  return gaps.reduce((total, gap, bin) => total + Math.abs(gap - ofSample[bin]!), 0)
}

/** The bins' sums of gaps, of which the error is made, and its distance from the sample's. */
export function gapSums({ bins, gaps }: CalibrationRows, ofSample: Float64Array): RowSums {
  return {
    count: BINS,
    work: 2, // the distance is a second pass over the rows
    add(row, sums, at) {
      sums[at + bins[row]!]! += gaps[row]!
    },
    value: (totals, rows) => totals.reduce((sum, total) => sum + Math.abs(total / rows), 0),
    distance(totals, rows) {
      const means = totals.map((total) => total / rows)
      return gapDistance(means, ofSample)
    },
  }
}
