// The words about the model: how rows are split, how it is judged, when it learns again.
import type { ClassificationMetric, LanguageMetric, MetricName, Plan, SplitSpec } from '../../schemas/plan.ts'

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

export type LowerIsBetter = 'loss' | 'rmse' | 'mae' | 'calibrationError' | 'perplexity' | 'bitsPerCharacter'
export type HigherIsBetter = Exclude<MetricName, LowerIsBetter>

/** Metrics that make sense for a task; precision, recall and f1 are those of the true class. */
export interface MetricsOfTask {
  probability: ClassificationMetric
  category: Exclude<ClassificationMetric, 'precision' | 'recall' | 'f1'>
  number: 'loss' | 'rmse' | 'mae' | 'r2'
  next: LanguageMetric
}

/**
 * Metrics in which a candidate can be compared with the champion. The vocabulary is fitted anew by every run, and what a token costs
 * depends on which tokens there are; what a character costs does not.
 */
export interface ComparableOfTask extends Omit<MetricsOfTask, 'next'> {
  next: 'bitsPerCharacter'
}

/** Judges every value of a category on its own; a value with fewer test rows than `minRows` is reported undecided. */
export interface Slice<W extends string = string> {
  readonly within?: W
  /** default 100 */
  readonly minRows?: number
}

export interface LimitGate<G extends 'atLeast' | 'atMost', M extends string> {
  readonly gate: G
  readonly metric: M
  readonly value: number
}
export interface NotWorseGate<M extends string> {
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

// ── who is asked, and when it learns again

/** Such as '1 day' or '30 minutes'. */
export type Duration = `${number} ${'second' | 'minute' | 'hour' | 'day' | 'week'}${'' | 's'}`

export interface ApprovalWord {
  /** who is asked, as the approver reads it */
  readonly ask: string
  readonly remind: Duration
  /** a candidate that nobody decided on is withdrawn after this */
  readonly expire: Duration
}

export type TriggerWord = Plan['retrain'][number]

export const when = {
  /** five fields, in an IANA time zone */
  cron: (expression: string, timezone = 'UTC'): TriggerWord => ({ when: 'cron', expression, timezone }),
  /** so many records wait in the topic beyond the last snapshot */
  rows: (rows: number): TriggerWord => ({ when: 'rows', rows }),
}
