// Counts of [actual][predicted] classes, and precision, recall and F1 from them.
import type { RowSums, Weights } from './estimator.ts'

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
  return scoresOf({ hits, support, predicted })
}

/** Of a class that `hits` of its `support` rows were predicted as, and `predicted` rows in all. */
function scoresOf(counts: { hits: number; support: number; predicted: number }): ClassScores {
  const { hits, support, predicted } = counts
  return {
    support,
    predicted,
    precision: predicted === 0 ? 0 : hits / predicted,
    recall: support === 0 ? 0 : hits / support,
    f1: support + predicted === 0 ? 0 : (2 * hits) / (support + predicted),
  }
}

/** Unweighted mean over the classes that occur, as actual or as predicted. */
export function macroMean(
  classes: number,
  scoresOfClass: (index: number) => ClassScores,
  score: 'precision' | 'recall' | 'f1',
): number {
  let sum = 0
  let occurring = 0
  for (let index = 0; index < classes; index++) {
    const scores = scoresOfClass(index)
    if (scores.support + scores.predicted === 0) continue
    sum += scores[score]
    occurring++
  }
  return sum / occurring
}

/** hits, support and predicted of each class of `indexes`, as sums over rows. */
export function confusionSums(
  { actual, predicted, classes }: { actual: Uint16Array; predicted: Uint16Array; classes: number },
  indexes: readonly number[],
  scoreOf: (scoresOfClass: (index: number) => ClassScores) => number,
): RowSums {
  const place = new Int32Array(classes).fill(-1)
  indexes.forEach((index, i) => {
    place[index] = 3 * i
  })
  return {
    count: 3 * indexes.length,
    work: 1, // one count of a pair of classes
    add(row, sums, at) {
      const [truth, answer] = [place[actual[row]!]!, place[predicted[row]!]!]
      if (truth >= 0) sums[at + truth + 1]! += 1
      if (answer >= 0) sums[at + answer + 2]! += 1
      if (truth >= 0 && truth === answer) sums[at + truth]! += 1
    },
    value: (totals) =>
      scoreOf((index) => {
        const at = place[index]!
        return scoresOf({ hits: totals[at]!, support: totals[at + 1]!, predicted: totals[at + 2]! })
      }),
  }
}
