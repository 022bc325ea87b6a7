// The question about a candidate, made again from what the store holds: its workflow may be gone with its history.
import { readLedger } from '../../lake/ledger.ts'
import { readObject } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import type { PromoteInput } from '../../schemas/approval.ts'
import { failure } from '../../schemas/failures.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { ModelCard, ModelRef } from '../../schemas/model.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { Evaluation, EvaluationRef } from '../../schemas/verdict.ts'
import { evaluationRef } from '../evaluate/evaluation-ref.ts'
import { cardKey, summarise } from './summarise-candidate.ts'

/**
 * `plan`: the pipeline as it is now; who is asked and until when is its word. Throws NOTHING_TO_DECIDE for a candidate that does not wait,
 * OBJECT_MISSING and OBJECT_CORRUPT.
 */
export async function questionFromStore(
  store: Store,
  { plan, candidate }: { readonly plan: Plan; readonly candidate: string },
): Promise<PromoteInput> {
  const { state, entries } = await readLedger(store, plan.name)
  const proposal = entries.findLast(({ change }) => change.kind === 'proposed' && change.model === candidate)?.change
  if (state.open[candidate] === undefined || proposal?.kind !== 'proposed')
    throw failure('NOTHING_TO_DECIDE', { pipeline: plan.name, found: state.last[candidate] ?? 'none' })
  const model = await modelOf(store, candidate)
  const evaluation = await evaluationOf(store, proposal.evaluation)
  return { plan, model, evaluation, summary: await summarise(store, { plan, snapshot: null, model, evaluation }) }
}

async function modelOf(store: Store, digest: string): Promise<ModelRef> {
  const key = cardKey(digest)
  const { value: card, bytes } = await readSized<ModelCard>(store, { key, sha256: digest })
  const { pipeline, dataset, validationLoss, epochs } = card
  return { key, sha256: digest, bytes, digest, pipeline, dataset, validationLoss, epochs }
}

async function evaluationOf(store: Store, sha256: string): Promise<EvaluationRef> {
  const key = objectKey('evaluations', sha256, 'json')
  const { value, bytes } = await readSized<Evaluation>(store, { key, sha256 })
  return evaluationRef({ key, sha256, bytes }, value)
}

/** The JSON value of an object, verified, and its size. */
async function readSized<T>(store: Store, ref: { readonly key: string; readonly sha256: string }) {
  const bytes = await readObject(store, ref)
  return { value: JSON.parse(new TextDecoder().decode(bytes)) as T, bytes: bytes.byteLength }
}
