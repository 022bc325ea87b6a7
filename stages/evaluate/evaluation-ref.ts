// What travels of an evaluation through Temporal: few numbers and words, however many results it has.
import type { ObjectRef } from '../../schemas/segment.ts'
import { shortened } from '../../schemas/shown.ts'
import type { Evaluation, EvaluationRef, GateResult } from '../../schemas/verdict.ts'

/** Results that travel: a gate within a category has one for each of its values. The store has all. */
const MAX_GATES = 100
/** UTF-16 units: a name may end with such a value */
const MAX_NAME = 200

/** `object`: where the evaluation lies. Of many results those that matter most. */
export function evaluationRef(object: ObjectRef, evaluation: Evaluation): EvaluationRef {
  const { candidate, champion, verdict, metrics, championMetrics, gates } = evaluation
  const told = gates.length <= MAX_GATES ? gates : mattersMost(gates).slice(0, MAX_GATES)
  return {
    ...object,
    candidate,
    champion,
    verdict,
    metrics,
    championMetrics,
    gates: told.map(({ name, verdict: ruling, estimate, interval, rows, why }) => {
      return { name: shortened(name, MAX_NAME), verdict: ruling, estimate, interval, rows, why }
    }),
    ...(told.length === gates.length ? {} : { moreGates: gates.length - told.length }),
  }
}

/** FAIL, then INCONCLUSIVE, then PASS, with most rows first. */
export const mattersMost = (gates: readonly GateResult[]): readonly GateResult[] =>
  (['FAIL', 'INCONCLUSIVE', 'PASS'] as const).flatMap((verdict) =>
    gates.filter((gate) => gate.verdict === verdict).toSorted((a, b) => b.rows - a.rows),
  )
