// Expected calibration error: how far stated confidence is from what comes true.
import type { Weights } from './estimator.ts'

const BINS = 15

/** Each row's bin, its stated confidence, and whether it came true. */
export interface CalibrationRows {
  readonly bins: Uint8Array
  /** confidence − truth per row, so that a bin's gap is one sum */
  readonly gaps: Float64Array
}

export function calibrationRows(confidence: Float64Array, cameTrue: Uint8Array): CalibrationRows {
  return {
    bins: Uint8Array.from(confidence, (p) => Math.min(BINS - 1, Math.floor(p * BINS))),
    gaps: confidence.map((p, row) => p - cameTrue[row]!),
  }
}

/**
 * Guo et al. 2017 ("On Calibration of Modern Neural Networks", equation 3): over 15 bins of equal width, Σ share of rows ×
 * |mean confidence − share that came true|. In [0, 1]; 0 is perfect. Biased upwards when bins hold few rows.
 */
export function calibrationError({ bins, gaps }: CalibrationRows, weights: Weights): number {
  const sums = new Float64Array(BINS)
  for (let row = 0; row < bins.length; row++) sums[bins[row]!]! += weights[row]! * gaps[row]!
  return sums.reduce((total, sum) => total + Math.abs(sum), 0) / bins.length
}
