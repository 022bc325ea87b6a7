// Area under the ROC curve by ranks, for rows that count a whole number of times.
import type { Weights } from './estimator.ts'

/** Rows in ascending order of a score, cut into groups of equal scores; made once, used for every set of weights. */
export interface RankedScores {
  readonly order: Int32Array
  /** group g holds order[starts[g], starts[g + 1]) */
  readonly starts: Int32Array
}

export function rankScores(scores: Float32Array): RankedScores {
  const order = Int32Array.from({ length: scores.length }, (_, row) => row)
  order.sort((a, b) => scores[a]! - scores[b]!)
  const starts: number[] = []
  for (let i = 0; i < order.length; i++) {
    if (i === 0 || scores[order[i]!] !== scores[order[i - 1]!]) starts.push(i)
  }
  return { order, starts: Int32Array.from([...starts, order.length]) }
}

/**
 * P(score of a positive > score of a negative) + ½ P(equal), the Mann–Whitney form of the area (Hanley and McNeil 1982).
 * NaN when one side is empty.
 */
export function rankedAuc({ order, starts }: RankedScores, positive: Uint8Array, weights: Weights): number {
  let negativesBelow = 0
  let positives = 0
  let wins = 0
  for (let group = 0; group + 1 < starts.length; group++) {
    let here = 0
    let negativesHere = 0
    for (let i = starts[group]!; i < starts[group + 1]!; i++) {
      const row = order[i]!
      const weight = weights[row]!
      const isPositive = positive[row]!
      here += weight * isPositive
      negativesHere += weight * (1 - isPositive)
    }
    wins += here * (negativesBelow + negativesHere / 2)
    negativesBelow += negativesHere
    positives += here
  }
  return wins / (positives * negativesBelow)
}
