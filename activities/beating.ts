// Heartbeats on a timer: a killed worker is noticed within the heartbeat timeout, however long the work is silent.
import { heartbeat } from '@temporalio/activity'

/** A cancellation reaches an activity with the answer to a heartbeat: no later than this after it was asked for. */
export const BEAT_EVERY_MS = 1_000

/** Runs `work`; until it ends, heartbeats with what `details` says then. */
export async function beating<T>(work: () => Promise<T>, details: () => unknown = () => undefined): Promise<T> {
  const timer = setInterval(() => heartbeat(details()), BEAT_EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
