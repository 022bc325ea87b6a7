// The words about text: how it becomes token ids.

/** So many tokens of every text, to say something about the whole of it. */
export interface FixedLength {
  /** tokens that the model sees of a text, from its beginning */
  readonly length: number
  readonly context?: never
}

/** Windows over the whole text, to predict each next token. */
export interface Windows {
  /** tokens before the one that is predicted */
  readonly context: number
  readonly length?: never
}

export type WordsWord<Span> = {
  readonly encode: 'words'
  /** so many words get an id of their own, by frequency in training rows; the rest is "unknown" */
  readonly vocabulary: number
} & Span
export type CharactersWord<Span> = {
  readonly encode: 'characters'
  /** so many characters get an id of their own, by frequency in training rows; the rest is "unknown" */
  readonly alphabet: number
} & Span
export type TokensWord<Span = FixedLength | Windows> = WordsWord<Span> | CharactersWord<Span>

/** Lower-case words, numbers, punctuation marks and line breaks. */
export function words<const Span extends FixedLength | Windows>(
  options: { readonly vocabulary: number } & Span,
): WordsWord<Span> {
  return { encode: 'words', ...options } as WordsWord<Span>
}

/** Characters (code points) as they are. */
export function characters<const Span extends FixedLength | Windows>(
  options: { readonly alphabet: number } & Span,
): CharactersWord<Span> {
  return { encode: 'characters', ...options } as CharactersWord<Span>
}
