// The words about data: what arrives, what may stay, what the model sees, what it answers. Each returns plain data.
import type { PredictSpec, RuleAction, SourceSpec } from '../schemas/plan.ts'

// ── where it comes from

/** Events of one Kafka topic, one JSON object per record. */
export function kafka(topic: string, options: { readonly format: 'json' }): SourceSpec {
  return { topic, format: options.format }
}

// ── what arrives

export interface IdColumn {
  readonly kind: 'id'
}
export interface TimeColumn {
  readonly kind: 'time'
}
export interface ClosedCategory<V extends string = string> {
  readonly kind: 'category'
  readonly values: readonly V[]
}
export interface OpenCategory {
  readonly kind: 'category'
  /** so many values get a slot of their own, by frequency in training rows; the rest is "other" */
  readonly top?: number
}
export interface NumberColumn {
  readonly kind: 'number'
  readonly unit?: string
  /** inclusive; an event with a value outside is rejected at decode */
  readonly min?: number
  readonly max?: number
  /** stands for a missing value, instead of the median of the training rows */
  readonly missing?: number
}
export interface FlagColumn {
  readonly kind: 'flag'
}
export interface NumbersColumn {
  readonly kind: 'numbers'
  /** elements of every row, exactly */
  readonly length: number
  /** inclusive bounds of an element */
  readonly min: number
  readonly max: number
  readonly integers: boolean
}
export interface TextColumn {
  readonly kind: 'text'
  /** of UTF-8, inclusive */
  readonly maxBytes: number
}
export type ColumnWord =
  | IdColumn
  | TimeColumn
  | ClosedCategory
  | OpenCategory
  | NumberColumn
  | FlagColumn
  | NumbersColumn
  | TextColumn

function category(): OpenCategory
function category<const V extends string>(values: readonly V[]): ClosedCategory<V>
function category(options: { readonly top: number }): OpenCategory & { readonly top: number }
function category(of?: readonly string[] | { readonly top: number }): ClosedCategory | OpenCategory {
  if (of === undefined) return { kind: 'category' }
  return 'top' in of ? { kind: 'category', top: of.top } : { kind: 'category', values: of }
}

/** The fields of an event, by kind. */
export const column = {
  /** identifies the event: of two equal ids the one that arrived first stays */
  id: (): IdColumn => ({ kind: 'id' }),
  /** RFC 3339 text or integer milliseconds since the epoch */
  time: (): TimeColumn => ({ kind: 'time' }),
  /** a closed list of values (others are rejected), or the `top` most frequent ones, or any text */
  category,
  number: (options: Omit<NumberColumn, 'kind'> = {}): NumberColumn => ({ kind: 'number', ...options }),
  flag: (): FlagColumn => ({ kind: 'flag' }),
  /** a list of numbers of fixed length, such as the pixels of an image */
  numbers: (options: Omit<NumbersColumn, 'kind' | 'integers'> & { readonly integers?: boolean }): NumbersColumn => ({
    kind: 'numbers',
    integers: false,
    ...options,
  }),
  text: (options: Omit<TextColumn, 'kind'>): TextColumn => ({ kind: 'text', ...options }),
}

// ── what may stay

export interface PresentCheck<N extends string = string> {
  readonly check: 'present'
  readonly column: N
  readonly mostly?: never
}
/** Judged over all rows, so only a `fail` rule can hold it. */
export interface MostlyPresentCheck<N extends string = string> {
  readonly check: 'present'
  readonly column: N
  readonly mostly: number
}
export interface BetweenCheck<N extends string = string> {
  readonly check: 'between'
  readonly column: N
  readonly low: number
  readonly high: number
}
export interface OneOfCheck<N extends string = string, V extends string = string> {
  readonly check: 'oneOf'
  readonly column: N
  readonly values: readonly V[]
}
export interface LongerCheck<N extends string = string> {
  readonly check: 'longer'
  readonly column: N
  readonly bytes: number
}
/** A check that one row passes or fails. */
export type RowCheck = PresentCheck | BetweenCheck | OneOfCheck | LongerCheck
export type CheckWord = RowCheck | MostlyPresentCheck

function present<const N extends string>(column: N): PresentCheck<N>
function present<const N extends string>(column: N, options: { readonly mostly: number }): MostlyPresentCheck<N>
function present(column: string, options?: { readonly mostly: number }): PresentCheck | MostlyPresentCheck {
  return options === undefined ? { check: 'present', column } : { check: 'present', column, mostly: options.mostly }
}

/** Facts about a row. A missing value satisfies none of them. */
export const is = {
  /** has a value; `mostly`: at least this share of the rows, in (0, 1], for `fail` rules only */
  present,
  /** low ≤ value ≤ high */
  between: <const N extends string>(column: N, low: number, high: number): BetweenCheck<N> => ({
    check: 'between',
    column,
    low,
    high,
  }),
  oneOf: <const N extends string, const V extends string>(column: N, ...values: V[]): OneOfCheck<N, V> => ({
    check: 'oneOf',
    column,
    values,
  }),
  /** more than `bytes` bytes of UTF-8 */
  longer: <const N extends string>(column: N, bytes: number): LongerCheck<N> => ({ check: 'longer', column, bytes }),
}

export interface RuleWord<A extends RuleAction = RuleAction, K extends CheckWord = CheckWord> {
  readonly action: A
  readonly unless: K
}

function rowRule<A extends RuleAction>(action: A) {
  return { unless: <const K extends RowCheck>(check: K): RuleWord<A, K> => ({ action, unless: check }) }
}

/** Counts the rows that fail the check; they stay. */
export const warn = rowRule('warn')
/** Leaves out the rows that fail the check. */
export const drop = rowRule('drop')
/** Leaves out the rows that fail the check and keeps them apart, with their reasons. */
export const quarantine = rowRule('quarantine')
/** Stops the run when the check fails. */
export const fail = {
  unless: <const K extends CheckWord>(check: K): RuleWord<'fail', K> => ({ action: 'fail', unless: check }),
}

// ── what the model sees

export interface OneHotWord {
  readonly encode: 'oneHot'
}
export interface StandardizeWord {
  readonly encode: 'standardize'
  readonly log?: boolean
  readonly clip?: readonly [number, number]
}
export interface ScaleWord {
  readonly encode: 'scale'
}
export interface ClippedScaleWord {
  readonly encode: 'scale'
  readonly clip: readonly [number, number]
}
export interface IndicatorWord {
  readonly encode: 'indicator'
}
export type FeatureWord = OneHotWord | StandardizeWord | ScaleWord | ClippedScaleWord | IndicatorWord

/** Quantiles of the training rows, low before high, both in [0, 1]: values beyond are moved to them. */
type Clip = readonly [low: number, high: number]

function scale(): ScaleWord
function scale(options: { readonly clip: Clip }): ClippedScaleWord
function scale(options?: { readonly clip: Clip }): ScaleWord | ClippedScaleWord {
  return options === undefined ? { encode: 'scale' } : { encode: 'scale', clip: options.clip }
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
  /** into [0, 1]: by the bounds that the column declares, else by those of the training rows */
  scale,
  /** a flag as 0 or 1 */
  indicator: (): IndicatorWord => ({ encode: 'indicator' }),
}

// ── what it answers

export interface PredictWord<T extends Task = Task, N extends string = string> {
  readonly task: T
  readonly column: N
}
export type Task = PredictSpec['task']

function predicts<T extends Task>(task: T) {
  return <const N extends string>(column: N): PredictWord<T, N> => ({ task, column })
}

/** What the model learns to say: that a flag is true, which category, or a number. */
export const predict = {
  probability: predicts('probability'),
  category: predicts('category'),
  number: predicts('number'),
}
