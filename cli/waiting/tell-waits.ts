// Says what a run waits for as soon as that can be seen, once each, and what to do about it.

import type { Progress } from '../output/progress.ts'
import { isUnavailable } from '../temporal-connection.ts'
import { explainWait, type Wait } from './explain-wait.ts'
import { type LookAtRun, lookAtRun } from './look-at-run.ts'
import { isRetried, type Seen, taskIsPending } from './seen.ts'

export interface Look {
  /** null: the run could not be looked at */
  readonly seen: Seen | null
  readonly wait: Wait | null
  /** false: the workflow answers no question before a worker has taken its next step */
  readonly answers: boolean
}

export interface WaitTeller {
  /** Looks at the run, and tells the wait unless it is the one that was told last. */
  look(): Promise<Look>
}

export function tellWaits(run: LookAtRun, progress: Pick<Progress, 'update' | 'line'>): WaitTeller {
  let told = ''
  const tell = ({ seen, wait }: Pick<Look, 'seen' | 'wait'>): void => {
    if (wait === null) {
      // an attempt that runs may meet what the one before it met: it is one wait until an attempt succeeds
      if (seen !== null && !isRetried(seen.run)) told = ''
      return
    }
    if (wait.what !== told) for (const line of waitLines(wait)) progress.line(line)
    told = wait.what
    progress.update({ label: 'waits', detail: wait.progress ?? '' })
  }
  return {
    async look() {
      const { seen, wait } = await lookSafely(run)
      tell({ seen, wait })
      return { seen, wait, answers: seen === null ? wait === null : !taskIsPending(seen.run) }
    },
  }
}

/** What is waited for, and what to do. */
export function waitLines({ what, next }: Wait): string[] {
  return [`  waits: ${what}`, `    next: ${next}`]
}

async function lookSafely(run: LookAtRun): Promise<Pick<Look, 'seen' | 'wait'>> {
  try {
    const seen = await lookAtRun(run)
    return { seen, wait: explainWait(seen) }
  } catch (error) {
    return { seen: null, wait: isUnavailable(error) ? temporalIsAway(run) : null }
  }
}

function temporalIsAway({ servers }: LookAtRun): Wait {
  return {
    what: `Temporal${servers === undefined ? '' : ` at ${servers.temporal.address}`} does not answer`,
    next: 'bring it back (`sluice status`, `sluice up`); the run goes on by itself, and is followed again',
  }
}
