// The words about rows: what may stay.
import type { CheckSpec, RuleAction } from '../../schemas/plan.ts'

/** What a check says of a column; its fields are those of the plan. */
type About<K extends CheckSpec['check'], N extends string> = Omit<
  Extract<CheckSpec, { readonly check: K }>,
  'column'
> & {
  readonly column: N
}

export interface PresentCheck<N extends string = string> extends Omit<About<'present', N>, 'mostly'> {
  readonly mostly?: never
}
/** Judged over all rows, so only a `fail` rule can hold it. */
export interface MostlyPresentCheck<N extends string = string> extends Required<About<'present', N>> {}
export interface BetweenCheck<N extends string = string> extends About<'between', N> {}
export interface OneOfCheck<N extends string = string, V extends string = string>
  extends Omit<About<'oneOf', N>, 'values'> {
  readonly values: readonly V[]
}
export interface LongerCheck<N extends string = string> extends About<'longer', N> {}
export interface CompareCheck<N extends string = string, M extends string = N>
  extends Omit<About<'compare', N>, 'other'> {
  readonly other: M
}
export interface SumCheck<N extends string = string, M extends string = N> extends Omit<About<'sum', N>, 'of'> {
  readonly of: readonly M[]
}
/** A check that one row passes or fails. */
type RowCheck = PresentCheck | BetweenCheck | OneOfCheck | LongerCheck | CompareCheck | SumCheck
type CheckWord = RowCheck | MostlyPresentCheck

function present<const N extends string>(column: N): PresentCheck<N>
function present<const N extends string>(column: N, options: { readonly mostly: number }): MostlyPresentCheck<N>
function present(column: string, options?: { readonly mostly: number }): PresentCheck | MostlyPresentCheck {
  return options === undefined ? { check: 'present', column } : { check: 'present', column, mostly: options.mostly }
}

function compare(relation: CompareCheck['relation']) {
  return <const N extends string, const M extends string>(column: N, other: M): CompareCheck<N, M> => ({
    check: 'compare',
    column,
    relation,
    other,
  })
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
  /** column < other; both are numbers, or both times */
  less: compare('less'),
  /** column ≤ other */
  atMost: compare('atMost'),
  /** column = other */
  equal: compare('equal'),
  /** |column − sum of the columns `of`| ≤ `within`: decimal fractions are not exact, so it has to be said */
  sum: <const N extends string, const M extends string>(
    column: N,
    of: readonly M[],
    { within }: { readonly within: number },
  ): SumCheck<N, M> => ({ check: 'sum', column, of, within }),
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
