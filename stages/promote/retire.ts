// A pipeline that is deleted with its data gets a last entry in its ledger: what was decided stays readable, and nothing of it is live.
import { appendLedger, readLedger } from '../../lake/ledger.ts'
import type { Store } from '../../lake/store/store.ts'
import type { Decision } from '../../schemas/ledger.ts'

/** Once per life of a pipeline: a ledger that is empty, or ends with such an entry, stays as it is. */
export async function retire(
  store: Store,
  pipeline: string,
  { by, reason }: Pick<Decision, 'by' | 'reason'>,
): Promise<void> {
  const { entries } = await readLedger(store, pipeline)
  const at = new Date().toISOString()
  await appendLedger(store, {
    pipeline,
    commitId: `retired/${entries.length}`,
    decide: ({ champion }) => ({ kind: 'retired', model: champion ?? '', by, identity: 'stated', reason, at }),
  })
}
