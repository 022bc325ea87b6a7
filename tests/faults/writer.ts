// Ingest as its workflow drives it, without Temporal: a journal in the place of the history, retries in the place of its policy.

import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createIngestActivities, type IngestedBatch, type IngestPlan } from '../../activities/ingest.ts'
import type { Store } from '../../lake/store/store.ts'
import { FAILURES, isFailure } from '../../schemas/failures.ts'
import type { Plan } from '../../schemas/plan.ts'
import { ingestRangeHere } from '../../stages/ingest/range.ts'
import type { Broker } from '../../stream/broker.ts'

/** What survives the writer: results of finished steps, as a workflow's history keeps them. */
export interface Journal {
  round: number
  planned?: IngestPlan | undefined
  batch?: IngestedBatch | undefined
}

export interface Writer {
  readonly store: Store
  readonly broker: Broker
  readonly plan: Plan
  /** the workflow id, as it were */
  readonly name: string
  readonly maxRangeRows: number
  readonly journal: Journal
  /** told after every change of the journal */
  readonly keep?: (journal: Journal) => void | Promise<void>
  /** asked before every attempt: throws to end this writer as a crash would */
  readonly beforeAttempt?: () => void
}

/** Attempts of one step; injected faults end long before. */
const MAX_ATTEMPTS = 60

/** Reads and commits until the topic's end is reached. Goes on where the journal stands. */
export async function ingestToEnd(writer: Writer): Promise<void> {
  const { store, broker, plan, name, journal, keep = () => {}, maxRangeRows } = writer
  const clients = { store, broker, limits: { maxRangeRows, maxRangeBytes: 1_000_000 } }
  const activities = createIngestActivities({ ...clients, ingestRange: ingestRangeHere(clients) })
  const step = <T>(work: () => Promise<T>) => patiently(work, writer.beforeAttempt)
  for (;;) {
    journal.planned ??= await step(() => activities.planIngest({ plan }))
    await keep(journal)
    const { source, ranges } = journal.planned
    if (ranges.length === 0) return
    journal.batch ??= await step(() => activities.ingestRanges({ plan, source, ranges: [...ranges] }))
    await keep(journal)
    const commit = { source, batches: [journal.batch], commitId: `${name}/${journal.round}` }
    await step(() => activities.commitIngest(commit)).catch((error) => {
      // another writer was first: plan again from the new head
      if (!isFailure(error, 'CHAIN_CONFLICT')) throw error
    })
    journal.round++
    journal.planned = undefined
    journal.batch = undefined
    await keep(journal)
  }
}

async function patiently<T>(work: () => Promise<T>, beforeAttempt = () => {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    beforeAttempt()
    try {
      return await asActivity(work)
    } catch (error) {
      const mayPass = isFailure(error) && error.code !== 'CHAIN_CONFLICT' && FAILURES[error.code].retry === 'retry'
      if (!mayPass || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

const logger = new DefaultLogger('ERROR')

function asActivity<T>(work: () => Promise<T>): Promise<T> {
  return new MockActivityEnvironment({}, { logger }).run(work)
}
