// How a run ended that has no result, in the catalogue's words.
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TemporalFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client'
import { FAILURES, type FailureCode, type FailureFacts, failure } from '../../schemas/failures.ts'
import { stageOf } from '../waiting/stages.ts'

interface Followed {
  /** what was waited for, e.g. "the run" */
  readonly followed: string
  /** kind/pipeline */
  readonly workflowId: string
}

/**
 * The catalogue failure inside Temporal's layers, RUN_STOPPED for what somebody ended, RUN_FAILED for what nobody foresaw.
 */
export function asFailure(error: unknown, { followed, workflowId }: Followed): unknown {
  if (!(error instanceof WorkflowFailedError)) return error
  const how = howStopped(error.cause)
  if (how !== null) return failure('RUN_STOPPED', { what: followed, how }, error)
  let innermost: TemporalFailure | undefined
  let what = 'the workflow'
  for (let cause: unknown = error.cause; cause instanceof TemporalFailure; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && cause.type != null && cause.type in FAILURES) {
      // the work knows its source alone, not whose it is
      const facts = { pipeline: workflowId.split('/')[1], ...(cause.details?.[0] as FailureFacts | undefined) }
      return failure(cause.type as FailureCode, facts, error)
    }
    if (cause instanceof ActivityFailure) what = `${stageOf(cause.activityType)} (${cause.activityType})`
    innermost = cause
  }
  return innermost === undefined ? error : failure('RUN_FAILED', { what, detail: innermost.message }, error)
}

function howStopped(cause: unknown): string | null {
  if (cause instanceof CancelledFailure) return 'cancelled'
  if (cause instanceof TerminatedFailure) return 'terminated'
  return cause instanceof TimeoutFailure ? 'ended by its time-out' : null
}
