// What is live, and what was live when: the fold of a pipeline's ledger.

import { failure } from '../schemas/failures.ts'
import { ledgerChain } from '../schemas/ids.ts'
import { applyLedger, EMPTY_LEDGER, type LedgerChange, type LedgerState } from '../schemas/ledger.ts'
import type { ChainEntry, ChainRef } from '../schemas/manifest.ts'
import { openChain } from './chain.ts'
import type { Store } from './store/store.ts'

export interface Ledger {
  readonly state: LedgerState
  /** oldest first */
  readonly entries: readonly ChainEntry<LedgerChange>[]
  /** null: nothing was ever proposed */
  readonly head: ChainRef | null
}

/** A ledger kept open: links that were checked once are not fetched again, so it can be asked every second. */
export interface OpenLedger {
  /** Throws CHAIN_BROKEN, STORE_UNAVAILABLE. */
  read(): Promise<Ledger>
  append(options: AppendLedger): Promise<LedgerState>
}

export interface AppendLedger {
  /** names this fact for ever: the same in every retry */
  readonly commitId: string
  /** what to add to the state that the append builds on, or null; asked again when another writer was first */
  readonly decide: (state: LedgerState) => LedgerChange | null
}

export function openLedger(store: Store, pipeline: string): OpenLedger {
  const chain = openChain<LedgerChange>({ store, chain: ledgerChain(pipeline) })
  const read = async (upTo?: number): Promise<Ledger> => {
    const links = await chain.entries(upTo === undefined ? {} : { upTo })
    const entries = links.map((link) => link.entry)
    return { state: foldLedger(entries), entries, head: links.at(-1)?.ref ?? null }
  }
  return {
    read: () => read(),
    async append({ commitId, decide }) {
      await chain.append({
        commitId,
        decide: async (head) => {
          // the chain may have grown since: the decision must stand on exactly what the append builds on
          const { state } = head === null ? { state: EMPTY_LEDGER } : await read(head.entry.version)
          const change = decide(state)
          return change === null || alreadyStands(state, change) ? null : requireLiveReplaced(state, change)
        },
      })
      return (await read()).state
    },
  }
}

/** Reads and verifies the whole ledger once. */
export function readLedger(store: Store, pipeline: string): Promise<Ledger> {
  return openLedger(store, pipeline).read()
}

/**
 * Appends one fact and returns the state after it. A fact that already stands is not written twice.
 * Throws CHAMPION_CHANGED when the change replaces a champion that is not live.
 */
export function appendLedger(
  store: Store,
  { pipeline, ...append }: AppendLedger & { readonly pipeline: string },
): Promise<LedgerState> {
  return openLedger(store, pipeline).append(append)
}

/** The state after all entries, oldest first. */
function foldLedger(entries: readonly ChainEntry<LedgerChange>[]): LedgerState {
  return entries.reduce<LedgerState>(applyLedger, EMPTY_LEDGER)
}

/** Digest of the model that was live at a moment (RFC 3339 or ms): the last promotion or rollback at or before it. Pure. */
export function championAt(entries: readonly ChainEntry<LedgerChange>[], at: string | number): string | null {
  const momentMs = new Date(at).getTime()
  // by position, not by clock: an entry between two earlier ones happened before the moment even if its writer's clock was ahead
  const last = entries.findLastIndex(({ change }) => new Date(change.at).getTime() <= momentMs)
  return foldLedger(entries.slice(0, last + 1)).champion
}

/** True when appending `change` would state what the ledger already says. */
function alreadyStands(state: LedgerState, change: LedgerChange): boolean {
  switch (change.kind) {
    case 'proposed':
      return state.open[change.model] === change.workflowId
    case 'promoted':
    case 'rolledBack':
      return state.champion === change.model
    case 'retired':
      return state === EMPTY_LEDGER // nothing was since the one before
    default:
      return state.last[change.model] === change.kind
  }
}

function requireLiveReplaced(state: LedgerState, change: LedgerChange): LedgerChange {
  if (change.kind !== 'promoted' && change.kind !== 'rolledBack') return change
  if (change.replaces === state.champion) return change
  throw failure('CHAMPION_CHANGED', { expected: change.replaces ?? 'none', found: state.champion ?? 'none' })
}
