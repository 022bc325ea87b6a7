// The words about data: what arrives, what may stay, what the model sees, what it answers. Each returns plain data.
import type { PersonalAction, TimeUnit } from '../../schemas/columns.ts'
import type { PredictSpec, RuleAction, SourceSpec } from '../../schemas/plan.ts'
import { characters, type TokensWord, words } from './text-words.ts'

// ── where it comes from

/** Records begin with a zero byte and a schema id, as Confluent's serializers write them. */
interface WithRegistry {
  readonly registry: true
}

export type SourceFormat =
  /** one JSON object per record */
  | ({ readonly format: 'json' } & Partial<WithRegistry>)
  /** `schema`: that of all records, text or './file.avsc' */
  | { readonly format: 'avro'; readonly schema: string; readonly registry?: never }
  /** `schema`: the reader's, to which each writer's is resolved; absent: columns see the writer's */
  | ({ readonly format: 'avro'; readonly schema?: string } & WithRegistry)
  /** `schema`: text or './file.proto'; `message`: which of its messages the records are */
  | { readonly format: 'protobuf'; readonly schema: string; readonly message?: string; readonly registry?: never }
  | ({ readonly format: 'protobuf' } & WithRegistry)

/** Events of one Kafka topic. */
export function kafka(topic: string, options: SourceFormat): SourceSpec {
  return { topic, ...options }
}

// ── what arrives

/** Where the value stands, when not in the event's field of the column's name. */
export interface From {
  /** path into nested objects, steps separated by dots */
  readonly from?: string
}
export interface IdColumn extends From {
  readonly kind: 'id'
  /** stored as keyed hash only, and so is the record's key */
  readonly personal?: 'hash'
}
export interface TimeColumn extends From {
  readonly kind: 'time'
  /** of integers; default 'ms' */
  readonly unit?: TimeUnit
}
export interface ClosedCategory<V extends string = string> extends From {
  readonly kind: 'category'
  readonly values: readonly V[]
}
export interface OpenCategory extends From {
  readonly kind: 'category'
  /** so many values get a slot of their own, by frequency in training rows; the rest is "other" */
  readonly top?: number
}
export interface NumberColumn extends From {
  readonly kind: 'number'
  readonly unit?: string
  /** inclusive; an event with a value outside is rejected at decode */
  readonly min?: number
  readonly max?: number
  /** stands for a missing value, instead of the median of the training rows */
  readonly missing?: number
}
export interface FlagColumn extends From {
  readonly kind: 'flag'
}
export interface NumbersColumn extends From {
  readonly kind: 'numbers'
  /** elements of every row, exactly */
  readonly length: number
  /** inclusive bounds of an element */
  readonly min: number
  readonly max: number
  readonly integers: boolean
}
export interface TextColumn extends From {
  readonly kind: 'text'
  /** data about a person: what of it reaches the store */
  readonly personal?: PersonalAction
  /** of UTF-8, inclusive */
  readonly maxBytes: number
  /** name of a Kafka header, instead of a field */
  readonly header?: string
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

function category(options?: From & { readonly top?: never }): OpenCategory
function category<const V extends string>(values: readonly V[], options?: From): ClosedCategory<V>
function category(options: { readonly top: number } & From): OpenCategory & { readonly top: number }
function category(
  of: readonly string[] | ({ readonly top?: number } & From) = {},
  options: From = {},
): ClosedCategory | OpenCategory {
  return 'slice' in of ? { kind: 'category', values: of, ...options } : { kind: 'category', ...of }
}

/** The fields of an event, by kind. */
export const column = {
  /** identifies the event: of two equal ids the one that arrived first stays */
  id: (options: Omit<IdColumn, 'kind'> = {}): IdColumn => ({ kind: 'id', ...options }),
  /** RFC 3339 text or an integer since the epoch, of milliseconds unless `unit` says otherwise */
  time: (options: Omit<TimeColumn, 'kind'> = {}): TimeColumn => ({ kind: 'time', ...options }),
  /** a closed list of values (others are rejected), or the `top` most frequent ones, or any text */
  category,
  number: (options: Omit<NumberColumn, 'kind'> = {}): NumberColumn => ({ kind: 'number', ...options }),
  flag: (options: From = {}): FlagColumn => ({ kind: 'flag', ...options }),
  /** a list of numbers of fixed length, such as the pixels of an image */
  numbers: (options: Omit<NumbersColumn, 'kind' | 'integers'> & { readonly integers?: boolean }): NumbersColumn => ({
    kind: 'numbers',
    integers: false,
    ...options,
  }),
  text: (options: Omit<TextColumn, 'kind' | 'header'>): TextColumn => ({ kind: 'text', ...options }),
  /** a Kafka header as text; of several with this name the last */
  header: (name: string, { maxBytes = 1024 }: { readonly maxBytes?: number } = {}): TextColumn => ({
    kind: 'text',
    maxBytes,
    header: name,
  }),
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
export type FeatureWord = OneHotWord | StandardizeWord | ScaleWord | ClippedScaleWord | IndicatorWord | TokensWord

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
  /** a text as ids of its words */
  words,
  /** a text as ids of its characters */
  characters,
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

/** What the model learns to say: that a flag is true, which category, a number, or how a text goes on. */
export const predict = {
  probability: predicts('probability'),
  category: predicts('category'),
  number: predicts('number'),
  next: predicts('next'),
}
