// Fits the vocabulary of a text column on training rows: which words or characters get an id of their own.
import { strict as assert } from 'node:assert'
import { tokensOf } from '../core/tokens.ts'
import { type Column, isValid } from '../schemas/columns.ts'
import type { FittedTokens } from '../schemas/dataset.ts'
import { failure } from '../schemas/failures.ts'
import type { TokensSpec } from '../schemas/plan.ts'
import { type CategoryCounts, mergeCounts, mostFrequent } from './category-counts.ts'
import type { FeatureFit } from './feature-fit.ts'

/**
 * Ids by how often a token occurs in training rows, the most frequent first, equals in byte order; the rest is unknown. Throws
 * FEATURE_CONSTANT when no training row holds a token.
 */
export function textFit(feature: TokensSpec): FeatureFit<FittedTokens> {
  const { column: name, encode: unit } = feature
  const counts: CategoryCounts = new Map()
  return {
    add(column, { rows }) {
      for (const text of presentTexts(column, rows)) countTokens(counts, tokensOf(unit, text))
    },
    save: () => ({ counts: [...counts] }),
    merge: (saved) => mergeCounts(counts, saved.counts ?? []),
    finish() {
      if (counts.size === 0) throw failure('FEATURE_CONSTANT', { column: name, found: 'no word or character at all' })
      const limit = feature.encode === 'words' ? feature.vocabulary : feature.alphabet
      const vocabulary = mostFrequent(atLeastAsFrequent(counts, limit), limit)
      const fitted = { column: name, encode: 'tokens', unit, vocabulary } as const
      if (feature.context === undefined) return { ...fitted, width: feature.length }
      return { ...fitted, width: feature.context + 1, context: feature.context }
    },
  }
}

function* presentTexts(column: Column, rows: number): Generator<string> {
  assert(column.type === 'utf8', `texts are utf8 columns, not ${column.type}`)
  const { offsets, bytes, valid } = column
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, row))
      yield Buffer.from(bytes.buffer, bytes.byteOffset + offsets[row]!, offsets[row + 1]! - offsets[row]!).toString()
  }
}

function countTokens(counts: CategoryCounts, tokens: readonly string[]): void {
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
}

/** Leaves out what cannot be among the `limit` most frequent, so that few texts are compared byte by byte. */
function atLeastAsFrequent(counts: CategoryCounts, limit: number): CategoryCounts {
  const least = Int32Array.from(counts.values()).sort().at(-limit) ?? 0
  return new Map([...counts].filter(([, count]) => count >= least))
}
