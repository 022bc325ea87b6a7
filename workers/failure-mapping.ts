// What an activity throws → what Temporal records: the catalogue's code as the type, its retry class, its facts.
import type { Context } from '@temporalio/activity'
import { ApplicationFailure, TemporalFailure } from '@temporalio/common'
import type { ActivityInterceptors } from '@temporalio/worker'
import { FAILURES, isFailure } from '../schemas/failures.ts'
import { isOfTheCode } from './error-of-the-code.ts'
import { givenUp, isUnexpected } from './trainer/trainer-given-up.ts'

/** An error that nobody foresaw may pass by itself; after this many attempts it is for a person. */
const UNFORESEEN_ATTEMPTS = 5
/** A trainer that dies this often without getting further has a cause that no restart cures (memory, a broken driver). */
const TRAINER_ATTEMPTS = 20

/** Registered with every worker. */
export function mapFailures(context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        try {
          return await next(input)
        } catch (error) {
          throw asTemporalFailure(error, context.info.attempt)
        }
      },
    },
  }
}

/** `attempt`: 1 for the first. Cancellations and failures that are Temporal's already stay as they are. */
function asTemporalFailure(error: unknown, attempt: number): unknown {
  if (error instanceof TemporalFailure || isAbort(error)) return error
  if (isFailure(error, 'TRAINER_DIED')) {
    // restarts of workers are attempts as well: a long training may live through any number of them
    const { deaths = attempt, always = false } = error.facts as { deaths?: number; always?: boolean }
    const allowed = always ? 1 : isUnexpected(error.facts.found) ? UNFORESEEN_ATTEMPTS : TRAINER_ATTEMPTS
    if (deaths >= allowed) return asTemporalFailure(givenUp(error, deaths), attempt)
  }
  if (isFailure(error)) {
    const { code, facts, message, next } = error
    const nonRetryable = FAILURES[code].retry === 'fatal'
    return ApplicationFailure.create({
      message: `${message}. Next: ${next}`,
      type: code,
      nonRetryable,
      details: [facts],
      cause: error,
    })
  }
  const known = error instanceof Error ? error : new Error(String(error))
  const nonRetryable = isOfTheCode(error) || attempt >= UNFORESEEN_ATTEMPTS
  return ApplicationFailure.create({ message: known.message, type: known.name, nonRetryable, cause: known })
}

/** An AbortSignal's own error: the SDK tells by the signal that this was a cancellation. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
