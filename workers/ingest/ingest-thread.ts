// What a thread of the ingest pool runs: one range per task, with a broker connection of its own.
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'piscina'
import type { Config } from '../../core/config.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import type { RangeResult } from '../../schemas/segment.ts'
import { ingestRangeHere, type RangeJob } from '../../stages/ingest/range.ts'
import { openDataClients } from '../data-clients.ts'
import { type Outcome, outcomeOf, storeThrough, tellPiece } from './thread-link.ts'

export interface ThreadData {
  readonly config: Config
  readonly endpoints: Endpoints
}

export interface ThreadTask {
  readonly job: RangeJob
  /** to the main thread's store: the S3 client would cost each thread 60 MB */
  readonly port: MessagePort
}

const clients = openDataClients(workerData as ThreadData)

export default async function ingestInThread({ job, port }: ThreadTask): Promise<Outcome<RangeResult[]>> {
  const ingestRange = ingestRangeHere({ ...clients, store: storeThrough(port) })
  // a cancelled task ends with its thread
  const { signal } = new AbortController()
  try {
    return await outcomeOf(() => ingestRange(job, { signal, onPiece: (piece) => tellPiece(port, piece) }))
  } finally {
    port.close()
  }
}
