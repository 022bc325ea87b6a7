// What activities are given: clients that are connected once per worker, and facts about the code that runs.
import type { Client } from '@temporalio/client'
import type { Store } from '../lake/store.ts'
import type { BackendName } from '../schemas/model.ts'
import type { TrainerJob, TrainerLine } from '../schemas/trainer.ts'
import type { Broker } from '../stream/broker.ts'

export interface TrainerHooks {
  readonly onLine: (line: TrainerLine) => void
  /** aborted: the child is ended, then the promise rejects */
  readonly signal: AbortSignal
}

export interface Deps {
  readonly store: Store
  readonly broker: Broker
  /** Runs one job in a child process; resolves with its last line. */
  readonly runTrainer: (job: TrainerJob, hooks: TrainerHooks) => Promise<TrainerLine>
  readonly temporal: Pick<Client, 'workflow'>
  /** fingerprint of each versioned stage's code, dependencies included */
  readonly code: Readonly<Record<'clean' | 'train' | 'evaluate', string>>
  readonly limits: {
    /** offsets per range */
    readonly maxRangeRows: number
    /** bytes of event values per segment */
    readonly maxRangeBytes: number
  }
  /** a training backend that the settings force */
  readonly backend: BackendName | undefined
}
