// The model ledger: what was proposed, decided and live. The champion is the fold of the chain.
import { shortDigest } from './ids.ts'
import type { ChainEntry } from './manifest.ts'

export type LedgerChange =
  | {
      readonly kind: 'proposed'
      readonly model: string
      readonly evaluation: string
      readonly workflowId: string
      readonly at: string
    }
  | ({
      readonly kind: 'promoted'
      readonly model: string
      readonly evaluation: string /** the champion it was judged against; the append is refused when another one is live by then */
      readonly replaces: string | null
    } & Decision)
  | ({ readonly kind: 'rejected'; readonly model: string } & Decision)
  | ({
      readonly kind: 'rolledBack' /** the model that is live again */
      readonly model: string
      readonly replaces: string
    } & Decision)
  | ({
      /** the pipeline was deleted with its data: entries before tell what was decided, the models are gone */
      readonly kind: 'retired' /** the model that went out of service; '': none was */
      readonly model: string
    } & Decision)
  | {
      /** closed without a decision: the next run may ask again */
      readonly kind: 'expired' | 'superseded' | 'withdrawn'
      readonly model: string
      readonly reason: string
      readonly at: string
    }

export interface Decision {
  readonly by: string
  /** stated: the person typed it; temporal: recorded by the server; system: an automatic rule named in `reason` */
  readonly identity: 'stated' | 'temporal' | 'system'
  readonly reason: string
  /** RFC 3339, UTC */
  readonly at: string
}

export interface LedgerState {
  /** digest of the live model; null before the first promotion */
  readonly champion: string | null
  /** champions before, latest last */
  readonly previous: readonly string[]
  /** candidates that wait for a decision: digest → workflow id */
  readonly open: Readonly<Record<string, string>>
  /** last change per model */
  readonly last: Readonly<Record<string, LedgerChange['kind']>>
}

/** A person's no stays a no, and a model that was live does not come back by itself: nobody is asked about it again. */
export function isDecided(last: LedgerChange['kind'] | null | undefined): boolean {
  return last === 'rejected' || last === 'promoted' || last === 'rolledBack'
}

type Entry = Pick<ChainEntry<LedgerChange>, 'change'>

/** The entries that still count: those after the newest deletion. Pure. */
export function sinceRetired<E extends Entry>(entries: readonly E[]): readonly E[] {
  return entries.slice(entries.findLastIndex(({ change }) => change.kind === 'retired') + 1)
}

export type Live = Extract<LedgerChange, { kind: 'promoted' | 'rolledBack' }>

/** How the champion came into service, of entries oldest first; null: none is. Pure. */
export function cameLive(entries: readonly Entry[]): Live | null {
  const isLive = (change: LedgerChange): change is Live => change.kind === 'promoted' || change.kind === 'rolledBack'
  return (
    sinceRetired(entries)
      .map(({ change }) => change)
      .findLast(isLive) ?? null
  )
}

/** "rolled back from 3fa94c2d81b7 by ada: bad answers"; null: the champion was approved. Pure. */
export function rollbackWords(live: Live | null): string | null {
  if (live?.kind !== 'rolledBack') return null
  return `rolled back from ${shortDigest(live.replaces)} by ${live.by}${live.reason && `: ${live.reason}`}`
}

export const EMPTY_LEDGER: LedgerState = { champion: null, previous: [], open: {}, last: {} }

/** One step of the fold: the state after `change`. Pure. */
export function applyLedger(state: LedgerState, { change }: Entry): LedgerState {
  const last = { ...state.last, [change.model]: change.kind }
  if (change.kind === 'proposed') return { ...state, last, open: { ...state.open, [change.model]: change.workflowId } }
  if (change.kind === 'retired') return EMPTY_LEDGER
  const { [change.model]: _decided, ...open } = state.open
  if (change.kind !== 'promoted' && change.kind !== 'rolledBack') return { ...state, last, open }
  const previous = state.champion === null ? state.previous : [...state.previous, state.champion]
  return { champion: change.model, previous, open, last }
}
