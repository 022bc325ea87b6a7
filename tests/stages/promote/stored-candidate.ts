// A candidate as a run leaves it in the store: dataset, card and evaluation, and the ledger's word that it waits.
import { appendLedger } from '../../../lake/ledger.ts'
import { putJson } from '../../../lake/store/objects.ts'
import type { Store } from '../../../lake/store/store.ts'
import { promoteWorkflowId } from '../../../schemas/ids.ts'
import { aDataset, anEvaluation, aSource } from '../../workflows/builders.ts'

/** Digests of the candidate and of its evaluation. */
export async function storeCandidate(
  store: Store,
  { pipeline, name = 'candidate' }: { readonly pipeline: string; readonly name?: string },
): Promise<{ readonly candidate: string; readonly evaluation: string; readonly workflowId: string }> {
  const { accounting } = aDataset()
  const lineage = { source: aSource, coverage: [{ partition: 0, start: 0, end: 102 }] }
  const dataset = await putJson(store, {
    kind: 'datasets',
    value: { kind: 'dataset', pipeline, lineage, recipe: 'r', accounting },
  })
  const backend = { name: 'cpu', version: '1', device: 'cpu' }
  const card = { kind: 'model', pipeline, dataset: dataset.sha256, lineage, recipe: name, code: 'c', backend }
  const model = await putJson(store, { kind: 'models', value: { ...card, epochs: 3, validationLoss: 0.25 } })
  const { gates, verdict, metrics } = anEvaluation('PASS')
  const judged = { candidate: model.sha256, champion: null, rows: 9, championMetrics: null, classes: [], seed: 1 }
  const gate = { gate: 'atLeast', metric: 'accuracy', value: 0.9 }
  const evaluation = await putJson(store, {
    kind: 'evaluations',
    value: {
      kind: 'evaluation',
      pipeline,
      ...judged,
      gates: gates.map((each) => ({ ...each, gate })),
      verdict,
      metrics,
    },
  })
  const workflowId = promoteWorkflowId(pipeline, model.sha256)
  await appendLedger(store, {
    pipeline,
    commitId: `proposal of ${name}`,
    decide: () => ({
      kind: 'proposed',
      model: model.sha256,
      evaluation: evaluation.sha256,
      workflowId,
      at: '2026-01-02T03:04:05.000Z',
    }),
  })
  return { candidate: model.sha256, evaluation: evaluation.sha256, workflowId }
}
