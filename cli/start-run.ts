// Starts a run of a pipeline, or joins the one that goes on.
import type { Client } from '@temporalio/client'
import { type RunHandle, signalRun } from '../activities/request-run.ts'
import type { CarriedPlan } from '../schemas/carried-plan.ts'
import { MAIN_QUEUE } from '../schemas/ids.ts'

export interface StartRun {
  readonly plan: CarriedPlan
  /** for the record: a name or what asked */
  readonly by: string
  /** see RetrainInput */
  readonly askAgain?: boolean | undefined
}

/** At most one run per pipeline goes on; asking while it does starts one successor if there is anything it has not seen. */
export function startRun(client: Client, { plan, by, askAgain }: StartRun): Promise<RunHandle> {
  return signalRun(client, {
    input: { plan, reason: 'person', by, ...(askAgain && { askAgain }) },
    taskQueue: MAIN_QUEUE,
  })
}
