// Heartbeats on a timer: a killed worker is noticed within the heartbeat timeout, however long the work is silent.
import { heartbeat } from '@temporalio/activity'

/** A cancellation reaches an activity with the answer to a heartbeat: no later than this after it was asked for. */
export const BEAT_EVERY_MS = 1_000

type Activities = Readonly<Record<string, (...inputs: never[]) => Promise<unknown>>>

/** The same activities, each with a heartbeat while it runs: for those that have no place to tell. */
export function eachBeating<A extends Activities>(activities: A): A {
  const beat = Object.entries(activities).map(([name, work]) => [
    name,
    (...inputs: never[]) => beating(() => work(...inputs)),
  ])
  return Object.fromEntries(beat) as A
}

/** Runs `work`; until it ends, heartbeats with what `details` says then. */
export async function beating<T>(work: () => Promise<T>, details: () => unknown = () => undefined): Promise<T> {
  const timer = setInterval(() => heartbeat(details()), BEAT_EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
