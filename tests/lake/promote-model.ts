// Makes a model the champion without asking anybody.

import { appendLedger } from '../../lake/ledger.ts'
import type { Store } from '../../lake/store/store.ts'

/** Replaces whatever is live. */
export async function promoteModel(
  store: Store,
  { pipeline, model, evaluation = 'e'.repeat(64) }: { pipeline: string; model: string; evaluation?: string },
): Promise<void> {
  await appendLedger(store, {
    pipeline,
    commitId: `promotion of ${model}`,
    decide: ({ champion }) => ({
      kind: 'promoted',
      model,
      evaluation,
      replaces: champion,
      by: 'a test',
      identity: 'system',
      reason: 'needed',
      at: '2026-01-02T03:04:05.000Z',
    }),
  })
}
