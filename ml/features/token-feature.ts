// A fitted text feature as code: a text → token ids, as one row of fixed width or as windows over the whole text.
import { FIRST_ID, PADDING_ID, tokensOf, UNKNOWN_ID } from '../../core/tokens.ts'
import type { Value } from '../../core/values.ts'
import { type Column, isValid } from '../../schemas/columns.ts'
import type { FittedTokens, Transform } from '../../schemas/dataset.ts'
import { failure } from '../../schemas/failures.ts'
import type { Target } from './compiled-feature.ts'

/** Texts of a column by row; null: missing. Throws MODEL_INVALID for a column of another type. */
export function textReader(name: string, column: Column): (row: number) => string | null {
  if (column.type !== 'utf8') {
    throw failure('MODEL_INVALID', { model: `feature ${name}`, expected: 'a column of type utf8', found: column.type })
  }
  const { offsets, bytes, valid } = column
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true }) // a byte order mark is a character like any other
  return (row) => (isValid(valid, row) ? decoder.decode(bytes.subarray(offsets[row], offsets[row + 1])) : null)
}

/** Ids that there are: those of the vocabulary, unknown and padding. */
export function idsOf({ vocabulary }: Pick<FittedTokens, 'vocabulary'>): number {
  return vocabulary.length + FIRST_ID
}

/** Different ids that a row of this transform can hold; undefined: its values are no token ids. */
export function tokenIdsOf({ features }: Transform): number | undefined {
  const [first, ...more] = features
  return first?.encode === 'tokens' && more.length === 0 ? idsOf(first) : undefined
}

/** Text → ids of its tokens, at most `limit`. */
export function idEncoder({ unit, vocabulary }: FittedTokens): (text: string, limit?: number) => number[] {
  const ids = new Map(vocabulary.map((token, index) => [token, index + FIRST_ID]))
  return (text, limit) => tokensOf(unit, text, limit).map((token) => ids.get(token) ?? UNKNOWN_ID)
}

/**
 * One row of `width` ids per text, padding at the right. Without a context: the first `width` tokens. With one: what the next
 * token follows, the last `context` tokens behind a padding id where the text begins, and padding where the target would be.
 */
export function compileTokens(feature: FittedTokens) {
  const { column, width, context } = feature
  const encode = idEncoder(feature)
  const write = (text: string | null, out: Float32Array, at: number): void => {
    out.fill(PADDING_ID, at, at + width)
    if (context === undefined) out.set(encode(text ?? '', width), at)
    else out.set([PADDING_ID, ...encode(text ?? '')].slice(-context), at)
  }
  return {
    column,
    width,
    fromColumn(source: Column, { rows, out, at, stride }: Target): void {
      const textOf = textReader(column, source)
      for (let row = 0; row < rows; row++) write(textOf(row), out, at + row * stride)
    },
    fromValue: (value: Value, out: Float32Array, at: number): void =>
      write(typeof value === 'string' ? value : null, out, at),
  }
}
