// What a demo showed, as one JSON document.
import type { QuestionState } from '../../schemas/approval.ts'
import type { RowAccounting } from '../../schemas/dataset.ts'
import type { Coverage } from '../../schemas/manifest.ts'
import type { RetrainResult } from '../../schemas/run.ts'
import type { EvaluationRef } from '../../schemas/verdict.ts'
import type { Prediction } from '../../serving/prediction.ts'

/** One run and what became of its candidate. */
export interface Act {
  readonly act: number
  /** why it started */
  readonly reason: RetrainResult['reason']
  readonly outcome: RetrainResult['outcome'] | Exclude<QuestionState, 'open'>
  readonly snapshot: { readonly version: number; readonly sha256: string } | null
  /** offsets that this run read */
  readonly ingested: readonly Coverage[]
  readonly rows: Pick<RowAccounting, 'in' | 'clean' | 'rejected' | 'duplicates'> | null
  readonly dataset: string | null
  readonly candidate: string | null
  readonly metrics: EvaluationRef['metrics'] | null
  readonly championMetrics: EvaluationRef['championMetrics']
  readonly verdict: EvaluationRef['verdict'] | null
  readonly gates: EvaluationRef['gates']
  /** live after this act */
  readonly champion: string | null
  readonly prediction: Prediction | null
  /** per stage of the run */
  readonly seconds: Readonly<Record<string, number>>
}

export interface DemoReport extends Omit<Act, 'act' | 'seconds' | 'reason' | 'outcome'> {
  readonly pipeline: string
  /** per stage, all acts together, and `total` */
  readonly seconds: Readonly<Record<string, number>>
  readonly acts: readonly Act[]
}

export function toAct(result: RetrainResult, after: Pick<Act, 'act' | 'outcome' | 'champion' | 'prediction'>): Act {
  const { reason, snapshot, ingested, dataset, candidate, evaluation, stages } = result
  const {
    in: all,
    clean,
    rejected,
    duplicates,
  } = dataset?.accounting ?? { in: 0, clean: 0, rejected: 0, duplicates: 0 }
  const { act, outcome, champion, prediction } = after
  return {
    act,
    reason,
    outcome,
    snapshot: snapshot && { version: snapshot.version, sha256: snapshot.sha256 },
    ingested,
    rows: dataset && { in: all, clean, rejected, duplicates },
    dataset: dataset?.digest ?? null,
    candidate: candidate?.digest ?? null,
    metrics: evaluation?.metrics ?? null,
    championMetrics: evaluation?.championMetrics ?? null,
    verdict: evaluation?.verdict ?? null,
    gates: evaluation?.gates ?? [],
    champion,
    prediction,
    seconds: Object.fromEntries(stages.map(({ stage, ms }) => [stage, Math.round(ms / 100) / 10])),
  }
}

/** The last act's state on top, all acts below. */
export function toReport(pipeline: string, acts: readonly Act[], seconds: DemoReport['seconds']): DemoReport {
  const { act: _act, reason: _reason, outcome: _outcome, seconds: _seconds, ...last } = acts.at(-1)!
  return { pipeline, ...last, seconds, acts }
}
