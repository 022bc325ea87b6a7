// The words about judging: what the model answers, on which rows it is judged, and what it must reach.
import type { HigherIsBetter, LowerIsBetter, MetricName, MetricsOfTask } from '../../schemas/metrics.ts'
import type { PredictSpec, SplitSpec } from '../../schemas/plan.ts'

// ── what it answers

export interface PredictWord<T extends Task = Task, N extends string = string> {
  readonly task: T
  readonly column: N
}
export type Task = PredictSpec['task']

export interface PredictNumberWord<N extends string = string> extends PredictWord<'number', N> {
  readonly log?: boolean
}

function predicts<T extends Task>(task: T) {
  return <const N extends string>(column: N): PredictWord<T, N> => ({ task, column })
}

/** What the model learns to say: that a flag is true, which category, a number, or how a text goes on. */
export const predict = {
  probability: predicts('probability'),
  category: predicts('category'),
  /** `log`: log(1 + x) is learnt, for prices, incomes and durations, where twice as much is as far as half as much */
  number: <const N extends string>(column: N, options: { readonly log?: boolean } = {}): PredictNumberWord<N> => ({
    task: 'number',
    column,
    ...options,
  }),
  next: predicts('next'),
}

// ── how rows are divided

export interface SplitWord<N extends string = string> extends Omit<SplitSpec, 'column'> {
  readonly column: N
}

export const split = {
  /** By a stable hash of one column: rows that share its value stay together and never move. Shares sum to 1. */
  byHash: <const N extends string>(
    column: N,
    shares: { readonly train: number; readonly validate: number; readonly test: number },
  ): SplitWord<N> => ({ by: 'hash', column, train: shares.train, validate: shares.validate, test: shares.test }),
}

// ── how it is judged

/**
 * Metrics in which a candidate can be compared with the champion. The vocabulary is fitted anew by every run, and what a token costs
 * depends on which tokens there are; what a character costs does not.
 */
export interface ComparableOfTask extends Omit<MetricsOfTask, 'next'> {
  next: 'bitsPerCharacter'
}

/** Judges every value of a category on its own; a value with fewer test rows than `minRows` is reported undecided. */
interface Slice<W extends string = string> {
  readonly within?: W
  /** default 100 */
  readonly minRows?: number
}

interface LimitGate<G extends 'atLeast' | 'atMost', M extends string> {
  readonly gate: G
  readonly metric: M
  readonly value: number
}
interface NotWorseGate<M extends string> {
  readonly gate: 'notWorse'
  readonly metric: M
  readonly by: number
}
export type GateWord<
  M extends string = MetricName,
  W extends string = string,
  Comparable extends string = M,
> = Slice<W> &
  (LimitGate<'atLeast', M & HigherIsBetter> | LimitGate<'atMost', M & LowerIsBetter> | NotWorseGate<Comparable>)

function limit<G extends 'atLeast' | 'atMost', Metric extends MetricName>(gate: G) {
  function word<const M extends Metric>(metric: M, value: number): LimitGate<G, M>
  function word<const M extends Metric, const S extends Slice>(metric: M, value: number, slice: S): LimitGate<G, M> & S
  function word<M extends Metric>(metric: M, value: number, slice: Slice = {}): LimitGate<G, M> {
    return { gate, metric, value, ...slice }
  }
  return word
}

/** What a candidate must reach. FAIL stops a run; INCONCLUSIVE is put to the approver. */
export const gate = {
  atLeast: limit<'atLeast', HigherIsBetter>('atLeast'),
  atMost: limit<'atMost', LowerIsBetter>('atMost'),
  /** than the champion on the same rows: worse by less than `by`, in units of the metric */
  notWorse: <const M extends MetricName, const S extends { readonly by: number } & Slice>(
    metric: M,
    options: S,
  ): NotWorseGate<M> & S => ({ gate: 'notWorse', metric, ...options }),
}
