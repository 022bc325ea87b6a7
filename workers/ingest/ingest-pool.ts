// Threads that read and decode ranges: the worker's main thread stays free for heartbeats and Temporal.
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { Store } from '../../lake/store/store.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import type { IngestRange } from '../../stages/ingest/range.ts'
import type { ThreadData, ThreadTask } from './ingest-thread.ts'
import { type Outcome, resultOf, serveStore } from './thread-link.ts'

/** A thread that had nothing to do for so long ends; the next range starts one in about half a second. */
const IDLE_MS = 30_000
/** Small young generations keep a thread's memory near what it uses; the columns live outside the heap. */
const YOUNG_GENERATION_MB = 8

export interface IngestPool {
  readonly ingestRange: IngestRange
  /** Ends the threads; what they were doing is lost. */
  close(): Promise<void>
}

/** At most `config.ingestThreads` ranges are read at a time; further ones wait for their turn. Objects are written to `store` here. */
export function openIngestPool({ config, endpoints }: ThreadData, store: Store): IngestPool {
  const pool = new Piscina<ThreadTask, Outcome<RangeResult[]>>({
    filename: threadProgram(),
    minThreads: 0,
    maxThreads: config.ingestThreads,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    workerData: { config, endpoints } satisfies ThreadData,
  })
  return {
    async ingestRange(job, { signal, onPiece }) {
      const { port1, port2 } = new MessageChannel()
      serveStore(port1, store, onPiece)
      try {
        return resultOf(await pool.run({ job, port: port2 }, { signal, transferList: [port2] }))
      } finally {
        port1.close()
      }
    },
    close: () => pool.destroy(),
  }
}

/** ingest-thread.ts beside this file, with the extension of this file: .ts here, .js in the published package. */
function threadProgram(): string {
  const self = fileURLToPath(import.meta.url)
  return join(dirname(self), `ingest-thread${extname(self)}`)
}
