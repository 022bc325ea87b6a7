// The place of one pipeline's model in a server: follows the ledger, swaps without a failed request, keeps the old one when the new is bad.
import { FAILURES, failure, isFailure } from '../schemas/failures.ts'

/** What a slot needs to know of a model. */
export interface SlotModel {
  readonly digest: string
  /** how it computes, for the event */
  readonly engine?: { readonly kind: string; readonly why: string }
  dispose(): void
}

export interface Look {
  /** changes exactly when the ledger does */
  readonly revision: string
  /** the live model's digest */
  readonly champion: string | null
  /** in words, where the champion is one that a rollback put back; absent or null: it was approved */
  readonly rollback?: string | null
}

export interface SlotSource<Model extends SlotModel> {
  readonly pipeline: string
  /** cheap */
  readonly look: () => Promise<Look>
  /** fetches, verifies and warms one version; throws rather than return one that must not serve */
  readonly load: (digest: string) => Promise<Model>
  readonly onEvent?: (event: SlotEvent) => void
}

export interface SlotEvent {
  readonly pipeline: string
  /** loaded: in service now. refused: the version is bad, the one before stays. failed: tried again at the next look. */
  readonly kind: 'loaded' | 'refused' | 'failed' | 'emptied'
  readonly model: string | null
  readonly detail: string
}

export interface ModelSlot<Model extends SlotModel> {
  readonly pipeline: string
  /** Runs `work` with the model in service, which is not disposed before it ends. Throws NO_CHAMPION when there is none. */
  use<T>(work: (model: Model) => Promise<T> | T): Promise<T>
  /** digest in service */
  live(): string | null
  /** in words, where a rollback put the model in service; null: none did */
  rollback(): string | null
  /** true once a look at the ledger succeeded and what it named is in service */
  settled(): boolean
  /** One look at the ledger; looks never overlap. Never rejects: what went wrong is an event. */
  refresh(): Promise<void>
  close(): void
}

interface Lease<Model> {
  readonly model: Model
  users: number
  retired: boolean
}

/** An empty slot; the first `refresh` fills it. */
export function openSlot<Model extends SlotModel>(source: SlotSource<Model>): ModelSlot<Model> {
  const { pipeline } = source
  let lease: Lease<Model> | null = null
  let seen: string | null = null
  let settled = false
  let rollback: string | null = null
  let looking: Promise<void> | null = null

  const tell = (kind: SlotEvent['kind'], model: string | null, detail: string) =>
    source.onEvent?.({ pipeline, kind, model, detail })

  function put(model: Model | null): void {
    const old = lease
    lease = model === null ? null : { model, users: 0, retired: false }
    if (old !== null) retire(old)
  }

  async function look(): Promise<void> {
    let wanted: string | null = null
    let revision: string | null = null
    try {
      const found = await source.look()
      revision = found.revision
      if (revision === seen) return
      wanted = found.champion
      const live = lease?.model.digest ?? null
      if (wanted !== live) {
        const model = wanted === null ? null : await source.load(wanted)
        put(model)
        const how = found.rollback ? [found.rollback] : []
        const words = [live === null ? 'first model' : `replaces ${live}`, ...how, ...describeEngine(model)]
        tell(wanted === null ? 'emptied' : 'loaded', wanted, words.join('; '))
      }
      seen = revision
      settled = true
      rollback = found.rollback ?? null
    } catch (error) {
      const retry = !isFailure(error) || FAILURES[error.code].retry === 'retry'
      // a bad version is not fetched again every second: the next look waits for the ledger to change
      if (!retry) seen = revision
      settled = false
      tell(retry ? 'failed' : 'refused', wanted, error instanceof Error ? error.message : String(error))
    }
  }

  return {
    pipeline,
    async use(work) {
      const held = lease
      if (held === null) throw failure('NO_CHAMPION', { pipeline })
      held.users++
      try {
        return await work(held.model)
      } finally {
        held.users--
        if (held.retired && held.users === 0) held.model.dispose()
      }
    },
    live: () => lease?.model.digest ?? null,
    rollback: () => rollback,
    settled: () => settled,
    refresh() {
      looking ??= look().finally(() => {
        looking = null
      })
      return looking
    },
    close: () => put(null),
  }
}

function describeEngine(model: SlotModel | null): string[] {
  return model?.engine === undefined ? [] : [`${model.engine.kind}: ${model.engine.why}`]
}

function retire(lease: Lease<SlotModel>): void {
  lease.retired = true
  if (lease.users === 0) lease.model.dispose()
}
