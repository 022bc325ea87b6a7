// Queues, timeouts, heartbeats and retries of every activity, in one table.

import type { RetryPolicy } from '@temporalio/common'
import { ActivityCancellationType, type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { FATAL_CODES } from '../schemas/failures.ts'
import { trainQueue } from '../schemas/ids.ts'
import type { TrainSpec } from '../schemas/plan.ts'

/** What may pass by itself is tried again until the stage's whole time is up; what cannot is never tried again. */
const RETRY: RetryPolicy = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '30 seconds',
  nonRetryableErrorTypes: [...FATAL_CODES],
}

/** No activity without a bound, of an attempt and of all attempts together, and of silence. */
type Bounded = ActivityOptions &
  Required<Pick<ActivityOptions, 'startToCloseTimeout' | 'scheduleToCloseTimeout' | 'heartbeatTimeout'>>

/** How soon a killed worker is noticed; every activity has a heartbeat each second. Longer than the longest block of the main thread. */
const NOTICED_WITHIN = '10 seconds'

/** startToClose: one attempt. scheduleToClose: all attempts; long enough to sit out a night without a server. */
const ACTIVITY_TABLE = {
  /** a few requests to the store, the broker or Temporal */
  brief: {
    startToCloseTimeout: '20 seconds',
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: NOTICED_WITHIN,
    retry: RETRY,
  },
  /** the same, where a lost race is the workflow's business: it plans again from the new head */
  commit: {
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: NOTICED_WITHIN,
    retry: { ...RETRY, nonRetryableErrorTypes: [...FATAL_CODES, 'CHAIN_CONFLICT'] },
  },
  /** a model is loaded, in a process of its own; a person waits for it */
  check: {
    startToCloseTimeout: '10 minutes',
    scheduleToCloseTimeout: '1 hour',
    heartbeatTimeout: NOTICED_WITHIN,
    retry: RETRY,
  },
  ingest: {
    startToCloseTimeout: '2 hours',
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: NOTICED_WITHIN,
    retry: RETRY,
  },
  clean: {
    startToCloseTimeout: '12 hours',
    scheduleToCloseTimeout: '2 days',
    heartbeatTimeout: NOTICED_WITHIN,
    retry: RETRY,
  },
  /** the trainer is a child process: on a cancellation the workflow waits until it is really gone */
  train: {
    startToCloseTimeout: '7 days',
    scheduleToCloseTimeout: '14 days',
    heartbeatTimeout: NOTICED_WITHIN,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
  },
} as const satisfies Record<string, Bounded>

type Summarised<Name extends keyof Activities> = Pick<Activities, Name>

/** Every activity of the main queue under its row of the table. */
export const brief = proxyActivities<
  Summarised<
    | 'planIngest'
    | 'acceptLoss'
    | 'countNewRows'
    | 'readStanding'
    | 'readDataset'
    | 'summarise'
    | 'putQuestion'
    | 'propose'
    | 'recordDecision'
    | 'remind'
    | 'requestRetrain'
    | 'showRollbacks'
    | 'planRollback'
    | 'recordRollback'
  >
>(ACTIVITY_TABLE.brief)
export const checker = proxyActivities<Summarised<'checkModel'>>(ACTIVITY_TABLE.check)
export const commit = proxyActivities<Summarised<'commitIngest'>>(ACTIVITY_TABLE.commit)
export const reader = proxyActivities<Summarised<'ingestRanges'>>(ACTIVITY_TABLE.ingest)
export const cleaner = proxyActivities<Summarised<'cleanSnapshot'>>(ACTIVITY_TABLE.clean)

/** Training and judging run on the queue of their device class; one worker slot each. */
export function trainerFor(device: TrainSpec['device']): Summarised<'trainModel' | 'evaluateCandidate'> {
  const taskQueue = trainQueue(workflowInfo().taskQueue, device === 'gpu' ? 'gpu' : 'cpu')
  return proxyActivities<Summarised<'trainModel' | 'evaluateCandidate'>>({ ...ACTIVITY_TABLE.train, taskQueue })
}
