// Verification: re-reads everything reachable from a source and a pipeline, and says what is not as it was written.
import type { Store } from '../store/store.ts'
import { type VerifiedModels, verifyModels } from './verify-models.ts'
import { createVerifier, type Problem, type Verified } from './verify-objects.ts'
import { type VerifiedSource, verifySource } from './verify-source.ts'

export interface Verification extends Verified {
  readonly source: VerifiedSource
  /** null: only a source was asked for */
  readonly models: VerifiedModels | null
  readonly problems: readonly Problem[]
}

/**
 * Checks hashes, parents, counts, and that every covered offset is exactly one row, one reject or in one explained hole.
 * Finds all problems rather than the first. Throws what the store throws when it does not answer.
 */
export async function verifyLake(
  store: Store,
  { sourceId, pipeline }: { readonly sourceId: string; readonly pipeline?: string },
): Promise<Verification> {
  const verifier = createVerifier(store)
  const source = await verifySource(store, { verifier, sourceId })
  const models = pipeline === undefined ? null : await verifyModels(store, { verifier, pipeline })
  return { source, models, ...verifier.read, problems: verifier.problems }
}
