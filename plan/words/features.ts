// The words about features: what the model sees.
import type { FeatureSpec } from '../../schemas/plan.ts'
import { eachNamed } from './named.ts'

/** What an encoding says of a column; its fields are those of the plan. */
type Of<E extends FeatureSpec['encode']> = Omit<Extract<FeatureSpec, { readonly encode: E }>, 'column'>

export interface OneHotWord extends Of<'oneHot'> {}
export interface StandardizeWord extends Omit<Of<'standardize'>, 'log'> {
  readonly log?: boolean
}
export interface RobustWord extends Of<'robust'> {}
export interface ScaleWord extends Omit<Of<'scale'>, 'clip'> {}
export interface ClippedScaleWord extends Required<Of<'scale'>> {}
export interface IndicatorWord extends Of<'indicator'> {}
/** Leaves a column out that `encode.byKind` would take. */
export interface NoneWord {
  readonly encode: 'none'
}
export type FeatureWord =
  | OneHotWord
  | StandardizeWord
  | RobustWord
  | ScaleWord
  | ClippedScaleWord
  | IndicatorWord
  | TokensWord

function scale(): ScaleWord
function scale(options: Pick<ClippedScaleWord, 'clip'>): ClippedScaleWord
function scale(options?: Pick<ClippedScaleWord, 'clip'>): ScaleWord | ClippedScaleWord {
  return options === undefined ? { encode: 'scale' } : { encode: 'scale', clip: options.clip }
}

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

type WordsWord<Span> = {
  readonly encode: 'words'
  /** so many words get an id of their own, by frequency in training rows; the rest is "unknown" */
  readonly vocabulary: number
} & Span
type CharactersWord<Span> = {
  readonly encode: 'characters'
  /** so many characters get an id of their own, by frequency in training rows; the rest is "unknown" */
  readonly alphabet: number
} & Span
export type TokensWord<Span = FixedLength | Windows> = WordsWord<Span> | CharactersWord<Span>

/** Lower-case words, numbers, punctuation marks and line breaks. */
function words<const Span extends FixedLength | Windows>(
  options: { readonly vocabulary: number } & Span,
): WordsWord<Span> {
  return { encode: 'words', ...options } as WordsWord<Span>
}

/** Characters (code points) as they are. */
function characters<const Span extends FixedLength | Windows>(
  options: { readonly alphabet: number } & Span,
): CharactersWord<Span> {
  return { encode: 'characters', ...options } as CharactersWord<Span>
}

/** Of every name the same: `features: { ...encode.each(['width', 'height'], encode.standardize()), colour: encode.oneHot() }`. */
function each<const N extends string, const W extends FeatureWord>(
  names: readonly N[],
  word: W,
): Readonly<Record<N, W>> {
  return eachNamed('encode.each', names, word)
}

/** kind of column → the encodings that fit it */
export interface WordsOfKind {
  number: StandardizeWord | RobustWord | ScaleWord | ClippedScaleWord
  numbers: ScaleWord & { readonly clip?: never }
  flag: IndicatorWord
  category: OneHotWord
  text: TokensWord<FixedLength>
}

/** No column has such a name: a space is none of their characters. */
export type EveryWord = { readonly [K in keyof WordsOfKind as `every ${K}`]?: WordsOfKind[K] }

/**
 * One encoding for every column of a kind that a model may see: not the label, the split's or the weight's column, nor what cannot be a
 * feature (a category without values or top, a personal text). Columns that are named beside it have their own:
 * `features: { ...encode.byKind({ number: encode.standardize() }), price: encode.standardize({ log: true }), rank: encode.none() }`.
 * The inputs stand in the order of the columns.
 */
function byKind(words: { readonly [K in keyof WordsOfKind]?: WordsOfKind[K] }): EveryWord {
  return Object.fromEntries(Object.entries(words).map(([kind, word]) => [`every ${kind}`, word]))
}

/** How a column becomes numbers, in training and in serving alike. */
export const encode = {
  /** a category as one 0/1 per value */
  oneHot: (): OneHotWord => ({ encode: 'oneHot' }),
  /** (x − mean) / standard deviation of the training rows; `log`: of log(1 + x) */
  standardize: (options: Omit<StandardizeWord, 'encode'> = {}): StandardizeWord => ({
    encode: 'standardize',
    ...options,
  }),
  /** (x − median) / (third quartile − first) of the training rows: a few values far out move neither */
  robust: (options: Omit<RobustWord, 'encode'> = {}): RobustWord => ({ encode: 'robust', ...options }),
  /** into [0, 1]: by the bounds that the column declares, else by those of the training rows */
  scale,
  /** a flag as 0 or 1 */
  indicator: (): IndicatorWord => ({ encode: 'indicator' }),
  /** a text as ids of its words */
  words,
  /** a text as ids of its characters */
  characters,
  each,
  byKind,
  /** beside byKind: not this column */
  none: (): NoneWord => ({ encode: 'none' }),
}
