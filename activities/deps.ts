// What activities are given: clients that are connected once per worker, and facts about the code that runs.
import type { Client } from '@temporalio/client'
import type { PersonalKey } from '../core/personal-key.ts'
import type { BodyCodec } from '../lake/codec.ts'
import type { Store } from '../lake/store.ts'
import type { BackendName } from '../schemas/model.ts'
import type { TrainerJob, TrainerLine } from '../schemas/trainer.ts'
import type { Broker } from '../stream/broker.ts'
import type { SchemaRegistry } from '../stream/schema-registry.ts'
import type { IngestRange } from './ingest-range.ts'

export interface TrainerHooks {
  readonly onLine: (line: TrainerLine) => void
  /** aborted: the child is ended, then the promise rejects */
  readonly signal: AbortSignal
}

export interface Deps {
  readonly store: Store
  readonly broker: Broker
  /** absent: none is configured, so pipelines with personal columns cannot be read */
  readonly personalKey?: PersonalKey | undefined
  /** of new segments; default: none */
  readonly codec?: BodyCodec | undefined
  /** null or absent: none is configured, so sources that need one cannot be read */
  readonly registry?: SchemaRegistry | null
  /** Runs one job in a child process; resolves with its last line. */
  readonly runTrainer: (job: TrainerJob, hooks: TrainerHooks) => Promise<TrainerLine>
  readonly temporal: Pick<Client, 'workflow'>
  /** fingerprint of each versioned stage's code, dependencies included */
  readonly code: Readonly<Record<'clean' | 'train' | 'evaluate', string>>
  readonly limits: {
    /** so many small neighbouring ranges are merged after a commit; 0 or absent: never */
    readonly compactRanges?: number
    /** offsets per range */
    readonly maxRangeRows: number
    /** bytes of event values per segment */
    readonly maxRangeBytes: number
  }
  /** reads ranges elsewhere, e.g. in other threads; default: where the activity runs */
  readonly ingestRange?: IngestRange
  /** a training backend that the settings force */
  readonly backend: BackendName | undefined
}
