// Data activities of a worker that stops: they are left where they are, as by a kill, instead of being waited for.
import type { Context } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { ActivityInterceptors } from '@temporalio/worker'

/** What the SDK calls the cancellation at a worker's end; others wait for the activity, whose worker lives on. */
const SHUTDOWN = 'WORKER_SHUTDOWN'

/**
 * A request to a store that does not answer can take minutes. Every step of these activities may be cut off anywhere: what it wrote is
 * found again. Not for trainings, which keep a checkpoint first.
 */
export function leaveWhenStopped({ cancelled }: Context): ActivityInterceptors {
  const stopped = cancelled.catch((error: unknown) => {
    if (error instanceof CancelledFailure && error.message === SHUTDOWN) throw error
    return new Promise<never>(() => {})
  })
  stopped.catch(() => {}) // an activity that ended before has nobody to tell
  return { inbound: { execute: (input, next) => Promise.race([next(input), stopped]) } }
}
