// Which token comes next: a seeded draw from a model's scores. Plain float64, so that it is the same for every backend's scores.
import { type Random, seededRandom } from '../../core/random.ts'

export interface Sampling {
  /** scores are divided by it: below 1 bolder for what is probable, above 1 more even; 0: always the most probable token */
  readonly temperature: number
  /** only so many of the most probable tokens; absent: all */
  readonly topK?: number | undefined
  /** only the most probable tokens that together reach this probability, in (0, 1] (Holtzman et al. 2020) */
  readonly topP: number
  /** scores of tokens that were read before are divided by it where positive, multiplied where negative (Keskar et al. 2019); 1: no penalty */
  readonly repetitionPenalty: number
  /** an integer in [0, 2^32) */
  readonly seed: number
}

export interface Candidate {
  readonly id: number
  readonly probability: number
}

/**
 * The tokens that may come next and their probabilities, the most probable first, equals by id; they sum to 1.
 * In this order: penalty, temperature, top-k, top-p. `seen`: ids that were read; `first`: smaller ids never come next.
 */
export function candidatesOf(
  scores: Float32Array,
  { temperature, topK = scores.length, topP, repetitionPenalty }: Omit<Sampling, 'seed'>,
  { seen, first }: { readonly seen: ReadonlySet<number>; readonly first: number },
): Candidate[] {
  const ids = Array.from({ length: scores.length - first }, (_, i) => i + first)
  const penalised = Float64Array.from(scores, (score, id) =>
    seen.has(id) ? penalise(score, repetitionPenalty) : score,
  )
  ids.sort((a, b) => penalised[b]! - penalised[a]! || a - b)
  if (temperature === 0) return [{ id: ids[0]!, probability: 1 }]
  const kept = ids.slice(0, topK)
  const highest = penalised[kept[0]!]!
  const weights = kept.map((id) => Math.exp((penalised[id]! - highest) / temperature))
  return normalised(kept, weights.slice(0, nucleusSize(weights, topP)))
}

/** Draws one token after another; the same seed and scores give the same tokens. */
export function tokenSampler(
  sampling: Sampling,
  first: number,
): (scores: Float32Array, seen: ReadonlySet<number>) => number {
  const random = seededRandom(sampling.seed)
  return (scores, seen) => draw(candidatesOf(scores, sampling, { seen, first }), random)
}

function penalise(score: number, penalty: number): number {
  return score > 0 ? score / penalty : score * penalty
}

/** How many of the weights, largest first, reach the share `topP` of their sum. */
function nucleusSize(weights: readonly number[], topP: number): number {
  if (topP === 1) return weights.length
  const enough = topP * sum(weights)
  let reached = 0
  const last = weights.findIndex((weight) => {
    reached += weight
    return reached >= enough
  })
  return last === -1 ? weights.length : last + 1 // rounding may leave the sum a little short of itself
}

function normalised(ids: readonly number[], weights: readonly number[]): Candidate[] {
  const total = sum(weights)
  return weights.map((weight, i) => ({ id: ids[i]!, probability: weight / total }))
}

function draw(candidates: readonly Candidate[], random: Random): number {
  let rest = random()
  for (const { id, probability } of candidates) {
    if (rest < probability) return id
    rest -= probability
  }
  return candidates.at(-1)!.id // what rounding left over
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
