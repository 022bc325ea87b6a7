// Ingest on its own: brings the lake up to the end of the topic, without training.
import { continueAsNew } from '@temporalio/workflow'
import type { Plan } from '../schemas/plan.ts'
import { catchUp, type Ingested } from './catch-up.ts'

/** Result: the newest snapshot and what was read. Two at once commit one gapless chain. */
export async function ingest(input: { readonly plan: Plan }): Promise<Ingested> {
  const ingested = await catchUp(input.plan)
  if (ingested.more) return await continueAsNew<typeof ingest>(input)
  return ingested
}
