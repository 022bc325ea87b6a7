// Metrics of next-token prediction: nats per token, perplexity, bits per character. What is drawn in the bootstrap is documents.
import { strict as assert } from 'node:assert'
import type { LanguageMetric } from '../schemas/plan.ts'
import { SCORES_PER_DOCUMENT } from '../schemas/verdict.ts'
import { type Answers, type Estimator, rowSums, type Weights } from './estimator.ts'

/** What is known of each document; all [documents]. */
export interface DocumentScores {
  /** −ln P of its tokens, summed */
  readonly nats: Float64Array
  readonly tokens: Float64Array
  /** −log₂ P of its text: of its tokens, and of the letters of those that the vocabulary lacks */
  readonly bits: Float64Array
  readonly characters: Float64Array
}

export function documentScores({ rows, outputs, labels }: Answers): DocumentScores {
  assert(
    outputs.length === rows * SCORES_PER_DOCUMENT && labels.length === rows,
    'scores and characters fit the documents',
  )
  const column = (index: number) =>
    Float64Array.from({ length: rows }, (_, row) => outputs[row * SCORES_PER_DOCUMENT + index]!)
  return { nats: column(0), tokens: column(1), bits: column(2), characters: Float64Array.from(labels) }
}

const NOT_NEGATIVE = [0, Number.MAX_VALUE] as const

/**
 * Tokens of one document depend on each other, so documents are what other samples would hold others of: a ratio of sums over documents.
 * NaN where no document holds a token.
 */
export const LANGUAGE: Readonly<Record<LanguageMetric, (scores: DocumentScores) => Estimator>> = {
  loss: ({ nats, tokens }) => ratio(nats, tokens),
  /** e to the loss */
  perplexity({ nats, tokens }) {
    const loss = ratio(nats, tokens)
    const perplexity = Math.exp(total(nats) / total(tokens))
    return {
      value: (weights) => Math.exp(loss.value(weights)),
      range: [1, Number.MAX_VALUE],
      reach: effects(nats, tokens).map((effect) => effect * perplexity), // derivative of exp
      sums: () => rowSums([nats, tokens], ([amount, size]) => Math.exp(amount! / size!)),
    }
  },
  /** does not depend on how a text is cut into tokens */
  bitsPerCharacter: ({ bits, characters }) => ratio(bits, characters),
}

function ratio(amounts: Float64Array, sizes: Float64Array): Estimator {
  return {
    value: (weights) => weightedTotal(amounts, weights) / weightedTotal(sizes, weights),
    range: NOT_NEGATIVE,
    reach: effects(amounts, sizes),
    sums: () => rowSums([amounts, sizes], ([amount, size]) => amount! / size!),
  }
}

/** How far each document moves the ratio, times the number of documents: the linear term of a ratio of means (Cochran 1977, 6.4). */
function effects(amounts: Float64Array, sizes: Float64Array): Float64Array {
  const size = total(sizes) / sizes.length
  const mean = total(amounts) / total(sizes)
  return amounts.map((amount, row) => (amount - mean * sizes[row]!) / size)
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function weightedTotal(values: Float64Array, weights: Weights): number {
  let sum = 0
  for (let row = 0; row < values.length; row++) sum += weights[row]! * values[row]!
  return sum
}
