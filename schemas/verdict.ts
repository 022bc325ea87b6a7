// PASS, FAIL or INCONCLUSIVE, with the evidence.
import type { GateSpec, MetricName } from './plan.ts'
import type { ObjectRef } from './segment.ts'

export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE'

export type Metrics = Readonly<Partial<Record<MetricName, number>>>

export interface ClassMetrics {
  readonly class: string
  readonly rows: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface GateResult {
  readonly gate: GateSpec
  /** a line that a person reads, e.g. "accuracy ≥ 0.97" */
  readonly name: string
  readonly verdict: Verdict
  /** the metric, or candidate − champion for notWorse (sign as in the metric) */
  readonly estimate: number
  /** two-sided at this gate's share of alpha */
  readonly interval: readonly [number, number]
  readonly alpha: number
  /** rows that were compared */
  readonly rows: number
  readonly champion?: number
  /** for INCONCLUSIVE: about how many rows would decide, if the estimate stays */
  readonly rowsNeeded?: number
  /** value of the `within` column that this result is about */
  readonly slice?: string
  /** one sentence for the approver */
  readonly why: string
}

/** Stored as canonical JSON. */
export interface Evaluation {
  readonly kind: 'evaluation'
  readonly pipeline: string
  readonly candidate: string
  readonly champion: string | null
  readonly dataset: string
  readonly rows: number
  readonly metrics: Metrics
  readonly championMetrics: Metrics | null
  readonly classes: readonly ClassMetrics[]
  /** [actual][predicted] counts, classes in order; empty for regression */
  readonly confusion: readonly (readonly number[])[]
  readonly gates: readonly GateResult[]
  readonly verdict: Verdict
  /** seed of the bootstrap */
  readonly seed: number
}

export interface EvaluationRef extends ObjectRef {
  readonly candidate: string
  readonly champion: string | null
  readonly verdict: Verdict
  readonly metrics: Metrics
  readonly championMetrics: Metrics | null
  readonly gates: readonly Pick<GateResult, 'name' | 'verdict' | 'estimate' | 'interval' | 'rows' | 'why'>[]
  /** results that stand in the evaluation alone, none of them worse than those above; absent: none */
  readonly moreGates?: number
}

/** FAIL wins over INCONCLUSIVE, INCONCLUSIVE over PASS. No gates: INCONCLUSIVE, since nothing was judged. */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'INCONCLUSIVE'
  if (verdicts.includes('FAIL')) return 'FAIL'
  return verdicts.includes('INCONCLUSIVE') ? 'INCONCLUSIVE' : 'PASS'
}

/** Numbers that a next-token model answers for a document: nats of its tokens, tokens, bits of its text. */
export const SCORES_PER_DOCUMENT = 3
