// When which model was in service, by the ledger.
import { applyLedger, EMPTY_LEDGER, type LedgerChange } from '../../schemas/ledger.ts'
import type { ChainEntry } from '../../schemas/manifest.ts'

export interface InService {
  readonly model: string
  /** RFC 3339, UTC */
  readonly from: string
  /** null: it still is */
  readonly until: string | null
}

/** In order; a model that came back stands there again. Pure. */
export function serviceTimes(entries: readonly ChainEntry<LedgerChange>[]): InService[] {
  const times: InService[] = []
  let state = EMPTY_LEDGER
  for (const entry of entries) {
    const before = state.champion
    state = applyLedger(state, entry)
    if (state.champion === before) continue
    const { at } = entry.change
    const last = times.at(-1)
    if (last !== undefined && last.until === null) times[times.length - 1] = { ...last, until: at }
    if (state.champion !== null) times.push({ model: state.champion, from: at, until: null })
  }
  return times
}
