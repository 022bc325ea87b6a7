// What activities are given: clients that are connected once per worker, and facts about the code that runs.
import type { Client } from '@temporalio/client'
import type { CodeParts } from '../schemas/code.ts'
import type { BackendName } from '../schemas/model.ts'
import type { TrainerJob, TrainerLine } from '../schemas/trainer.ts'
import type { IngestRange, RangeClients } from '../stages/ingest/range.ts'

export interface TrainerHooks {
  readonly onLine: (line: TrainerLine) => void
  /** aborted: the child is ended, then the promise rejects */
  readonly signal: AbortSignal
}

export interface Deps extends Omit<RangeClients, 'limits'> {
  /** Runs one job in a child process; resolves with its last line. */
  readonly runTrainer: (job: TrainerJob, hooks: TrainerHooks) => Promise<TrainerLine>
  readonly temporal: Pick<Client, 'workflow'>
  /** fingerprint of each versioned stage's code, dependencies included */
  readonly code: Readonly<Record<'clean' | 'train' | 'evaluate', string>>
  /** what the fingerprints were taken of; absent: later fingerprints are told apart from these by nothing but their digits */
  readonly codeParts?: Readonly<Record<'clean' | 'train' | 'evaluate', CodeParts>>
  readonly limits: RangeClients['limits'] & {
    /** so many small neighbouring ranges are merged after a commit; 0 or absent: never */
    readonly compactRanges?: number
    /** offsets per range */
    readonly maxRangeRows: number
  }
  /** reads a range: a worker does it in threads of their own */
  readonly ingestRange: IngestRange
  /** where pipeline files are, for what a person asks about a pipeline by its name */
  readonly projectDir: string
  /** a training backend that the settings force */
  readonly backend: BackendName | undefined
}
