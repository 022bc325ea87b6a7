// One event as a generator of pipelines/<name>/events.ts makes it and the producer sends it.

export interface DemoEvent {
  readonly key: string
  /** null is a tombstone: a record without a value */
  readonly value: string | Uint8Array | null
}

export interface DemoOptions {
  /** 1 for the first; later batches hold other events with other ids */
  readonly batch: number
  /** at most so many source rows; duplicates and broken messages come on top */
  readonly count?: number
  /** decides everything that is random */
  readonly seed: number
}
