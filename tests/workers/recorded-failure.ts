// What Temporal records when an activity of a worker throws.
import type { Context } from '@temporalio/activity'
import type { ActivityExecuteInput } from '@temporalio/worker'
import { mapFailures } from '../../workers/failure-mapping.ts'

/** `attempt`: 1 for the first. */
export async function recordedFailure(error: unknown, attempt: number): Promise<unknown> {
  const { inbound } = mapFailures({ info: { attempt } } as Context)
  const throwing = () => Promise.reject(error)
  return inbound!.execute!({} as ActivityExecuteInput, throwing).catch((recorded: unknown) => recorded)
}
