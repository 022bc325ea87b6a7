// Area under the ROC curve by ranks, for rows that count a whole number of times.
import type { RowSums, Weights } from './estimator.ts'

/** Rows in ascending order of a score, cut into groups of equal scores; made once, used for every set of weights. */
export interface RankedScores {
  readonly order: Int32Array
  /** group g holds order[starts[g], starts[g + 1]) */
  readonly starts: Int32Array
}

export function rankScores(scores: Float32Array): RankedScores {
  const order = orderOf(scores)
  const starts: number[] = []
  for (let i = 0; i < order.length; i++) {
    if (i === 0 || scores[order[i]!] !== scores[order[i - 1]!]) starts.push(i)
  }
  return { order, starts: Int32Array.from([...starts, order.length]) }
}

/** rows that fit beside a float32 into the 53 bits of a float64 */
const MAX_PACKED_ROWS = 2 ** 21

/** Rows by score, equal ones in their order. Numbers that hold score and row sort much faster than rows by a comparison. */
function orderOf(scores: Float32Array): Int32Array {
  if (scores.length > MAX_PACKED_ROWS) {
    return Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!)
  }
  const positive = scores.map((score) => score + 0) // −0 counts as 0
  const bits = new Uint32Array(positive.buffer)
  const packed = new Float64Array(scores.length)
  for (let row = 0; row < packed.length; row++) packed[row] = ascendingWord(bits[row]!) * MAX_PACKED_ROWS + row
  packed.sort()
  const order = new Int32Array(packed.length)
  for (let i = 0; i < order.length; i++) order[i] = packed[i]! % MAX_PACKED_ROWS
  return order
}

/** The bits of a float32 → a number that orders as it does. */
function ascendingWord(word: number): number {
  return word < 2 ** 31 ? word + 2 ** 31 : 2 ** 32 - 1 - word
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

/**
 * The area as sums over rows (Hájek's projection, as DeLong et al. 1988): each row has the share of the other side that it is ranked
 * rightly against. What that leaves out is smaller than the rest by the root of the larger side's rows: of use for many rows.
 */
export function aucProjection(ranked: RankedScores, positive: Uint8Array): RowSums {
  const placements = placementsOf(ranked, positive)
  const area = rankedAuc(ranked, positive, new Int32Array(positive.length).fill(1))
  return {
    count: 4,
    work: 4,
    add(row, sums, at) {
      const side = at + 2 * positive[row]!
      sums[side]! += placements[row]!
      sums[side + 1]! += 1
    },
    value: ([negativeSum, negatives, positiveSum, positives]) =>
      negativeSum! / negatives! + positiveSum! / positives! - area,
  }
}

/** For each row the share of the other side that is ranked on its right side of it, half of those with the same score. */
function placementsOf({ order, starts }: RankedScores, positive: Uint8Array): Float32Array {
  const placements = new Float32Array(positive.length)
  const positives = positive.reduce((total, x) => total + x, 0)
  const negatives = positive.length - positives
  let [positivesBelow, negativesBelow] = [0, 0]
  for (let group = 0; group + 1 < starts.length; group++) {
    const [start, end] = [starts[group]!, starts[group + 1]!]
    let positivesHere = 0
    for (let i = start; i < end; i++) positivesHere += positive[order[i]!]!
    const negativesHere = end - start - positivesHere
    for (let i = start; i < end; i++) {
      const row = order[i]!
      placements[row] =
        positive[row] === 1
          ? (negativesBelow + negativesHere / 2) / negatives
          : (positives - positivesBelow - positivesHere / 2) / positives
    }
    positivesBelow += positivesHere
    negativesBelow += negativesHere
  }
  return placements
}
