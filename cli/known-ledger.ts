// The ledger of a pipeline that somebody named: its file may be gone, a misspelt name is answered with the one that may be meant.
import type { Config } from '../core/config.ts'
import { type Ledger, readLedger } from '../lake/ledger.ts'
import { loadPipeline } from '../plan/registry.ts'
import { isFailure } from '../schemas/failures.ts'
import { withStore } from './clients.ts'

/** Throws PIPELINE_UNKNOWN where there is neither file nor ledger, PIPELINE_INVALID, and what the store throws. */
export async function knownLedger(config: Config, pipeline: string): Promise<Ledger> {
  const missing = await loadPipeline(config.projectDir, pipeline).then(
    () => null,
    (error: unknown) => {
      if (!isFailure(error, 'PIPELINE_UNKNOWN')) throw error
      return error
    },
  )
  const ledger = await withStore(config, (store) => readLedger(store, pipeline)).catch((error: unknown) => {
    throw missing ?? error
  })
  if (missing !== null && ledger.entries.length === 0) throw missing
  return ledger
}
