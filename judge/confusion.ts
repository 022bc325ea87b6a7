// Counts of [actual][predicted] classes, and precision, recall and F1 from them.
import type { Weights } from './estimator.ts'

/** counts[actual × classes + predicted] */
export interface Confusion {
  readonly classes: number
  readonly counts: Float64Array
}

export function confusionOf(
  actual: Uint16Array,
  predicted: Uint16Array,
  classes: number,
  weights: Weights,
  counts = new Float64Array(classes * classes),
): Confusion {
  counts.fill(0)
  for (let row = 0; row < actual.length; row++) counts[actual[row]! * classes + predicted[row]!]! += weights[row]!
  return { classes, counts }
}

export interface ClassScores {
  /** rows whose actual class it is */
  readonly support: number
  /** rows that were predicted as it */
  readonly predicted: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** A ratio without a denominator is 0, as scikit-learn's zero_division=0. */
export function classScores({ classes, counts }: Confusion, index: number): ClassScores {
  const hits = counts[index * classes + index]!
  let support = 0
  let predicted = 0
  for (let other = 0; other < classes; other++) {
    support += counts[index * classes + other]!
    predicted += counts[other * classes + index]!
  }
  return {
    support,
    predicted,
    precision: predicted === 0 ? 0 : hits / predicted,
    recall: support === 0 ? 0 : hits / support,
    f1: support + predicted === 0 ? 0 : (2 * hits) / (support + predicted),
  }
}

/** Unweighted mean over the classes that occur, as actual or as predicted. */
export function macroMean(confusion: Confusion, score: 'precision' | 'recall' | 'f1'): number {
  let sum = 0
  let occurring = 0
  for (let index = 0; index < confusion.classes; index++) {
    const scores = classScores(confusion, index)
    if (scores.support + scores.predicted === 0) continue
    sum += scores[score]
    occurring++
  }
  return sum / occurring
}
