// From trained weights to a model version: weights, golden rows and card as objects, the card's digest as the model's name.
import type { Columns } from '../../schemas/columns.ts'
import type { Transform } from '../../schemas/dataset.ts'
import type { ModelRef } from '../../schemas/model.ts'
import type { ObjectRef } from '../../schemas/segment.ts'
import type { Tf } from '../tf.ts'
import { type CardFacts, modelCard } from './card.ts'
import { goldenRows } from './golden.ts'
import { loadModel, packModel } from './model.ts'

/** Writes content-addressed objects; lake/store/objects.ts over an open store. */
export interface ObjectWriter {
  putObject(object: { kind: string; extension: string; bytes: Uint8Array }): Promise<ObjectRef>
  putJson(object: { kind: string; value: unknown }): Promise<ObjectRef>
}

/**
 * Writes the model version; a second write of the same one is a no-op. The golden answers come from the packed bytes, so that
 * packing itself is covered by them. `validationPart`: raw columns that golden rows are taken from.
 */
export async function packageModel(
  tf: Tf,
  writer: ObjectWriter,
  facts: Omit<CardFacts, 'weights' | 'golden'> & { transform: Transform; validationPart: Columns },
): Promise<ModelRef> {
  const { plan, architecture, trained, transform, validationPart, dataset } = facts
  const bytes = packModel(architecture, plan.predict, { ...trained, label: transform.label })
  const model = await loadModel(tf, bytes)
  const rows = goldenRows(model, { part: validationPart, columns: plan.columns, transform })
  model.dispose()
  const [weights, golden] = await Promise.all([
    writer.putObject({ kind: 'weights', extension: 'bin', bytes }),
    writer.putJson({ kind: 'golden', value: rows }),
  ])
  const card = await writer.putJson({ kind: 'models', value: modelCard({ ...facts, weights, golden }) })
  return {
    ...card,
    digest: card.sha256,
    pipeline: plan.name,
    dataset: dataset.digest,
    validationLoss: trained.validationLoss,
    epochs: trained.epochs.length,
  }
}
