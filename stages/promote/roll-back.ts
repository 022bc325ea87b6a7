// A rollback in the ledger: what it would do, with the evidence; and its one entry, appended only where what the person saw still stands.
import { openLedger } from '../../lake/ledger.ts'
import { readJson } from '../../lake/store/objects.ts'
import type { Store } from '../../lake/store/store.ts'
import { isFailure } from '../../schemas/failures.ts'
import { objectKey } from '../../schemas/ids.ts'
import type { RollbackTarget } from '../../schemas/rollback.ts'
import type { Evaluation } from '../../schemas/verdict.ts'
import { type OpenQuestion, openIn } from './ledger-changes.ts'
import { chooseTarget, refused, staleWords, tenuresOf, type Wanted } from './rollback-target.ts'

/** Throws ROLLBACK_REFUSED with the words why not. */
export async function planRollback(store: Store, wanted: Wanted): Promise<RollbackTarget> {
  const { entries } = await openLedger(store, wanted.pipeline).read()
  const { live, target } = chooseTarget(entries, wanted)
  const { by, reason, at, version, evaluation } = target.approved
  return {
    model: target.model,
    replaces: live.model,
    approved: { by, reason, at, version },
    evidence: await evidenceOf(store, evaluation),
  }
}

/** null: it is not in the store any more, which stops no rollback. */
export async function evidenceOf(store: Store, sha256: string): Promise<RollbackTarget['evidence']> {
  try {
    const key = objectKey('evaluations', sha256, 'json')
    const { verdict, rows, metrics } = await readJson<Evaluation>(store, { key, sha256 })
    return { verdict, rows, metrics }
  } catch (error) {
    if (isFailure(error, 'OBJECT_MISSING') || isFailure(error, 'OBJECT_CORRUPT')) return null
    throw error
  }
}

export interface RollbackRecord {
  readonly pipeline: string
  readonly model: string
  readonly replaces: string
  readonly by: string
  readonly reason: string
  /** RFC 3339, UTC */
  readonly at: string
  readonly commitId: string
}

/**
 * Appends it, once. → the questions that are open: their candidates were judged against the model that is gone. Throws
 * ROLLBACK_REFUSED where another model is live than `replaces`.
 */
export async function recordRollback(
  store: Store,
  { pipeline, commitId, ...record }: RollbackRecord,
): Promise<readonly OpenQuestion[]> {
  const ledger = openLedger(store, pipeline)
  const append = ledger.append({ commitId, decide: () => ({ kind: 'rolledBack', ...record, identity: 'stated' }) })
  await append.catch((error: unknown) => {
    if (!isFailure(error, 'CHAMPION_CHANGED')) throw error
  })
  const { state, entries } = await ledger.read()
  // not there: another model was live, or somebody else put this one back at the same time
  if (!entries.some((entry) => entry.commitId === commitId)) {
    const live = tenuresOf(entries).find(({ model }) => model === state.champion)
    throw refused(
      pipeline,
      live === undefined ? `${pipeline} has no model in service` : staleWords(record.replaces, live),
    )
  }
  return openIn(state)
}
