// Ingest on its own: brings the lake up to the end of the topic, without training.
import { continueAsNew, workflowInfo } from '@temporalio/workflow'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import type { IngestTotals } from '../schemas/run.ts'
import type { LossAcceptance, OffsetRange } from '../schemas/segment.ts'
import { catchUp, type Ingested, totalsOf } from './catch-up.ts'
import { requirePlan } from './input.ts'
import { brief } from './proxies.ts'

export interface IngestInput {
  readonly plan: CarriedPlan
  /** losses to write into the chain first, so that the ranges behind them can be read */
  readonly accept?: { readonly losses: readonly OffsetRange[]; readonly acceptance: LossAcceptance }
  /** set when an ingest continues itself: what it has read so far */
  readonly before?: IngestTotals
}

/**
 * Result: the newest snapshot and what was read. Two at once commit one gapless chain.
 * A backlog of any length: each run's history stays under a thousand events, then the next run goes on.
 */
export async function ingest(input: IngestInput): Promise<Ingested> {
  requirePlan('ingest', input)
  const { plan, accept, before } = input
  for (const range of accept?.losses ?? []) {
    const { workflowId, runId } = workflowInfo()
    const commitId = `${workflowId}/${runId}/loss ${range.partition}/${range.start}-${range.end}`
    await brief.acceptLoss({ plan, range, accepted: accept!.acceptance, commitId })
  }
  const ingested = await catchUp(plan, { before })
  if (ingested.more) return await continueAsNew<typeof ingest>({ plan, before: totalsOf(ingested) })
  return ingested
}
