// What an activity throws → what Temporal records: the catalogue's code as the type, its retry class, its facts.
import type { Context } from '@temporalio/activity'
import { ApplicationFailure, TemporalFailure } from '@temporalio/common'
import type { ActivityInterceptors } from '@temporalio/worker'
import { FAILURES, failure, isFailure } from '../schemas/failures.ts'
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
          return requireSmall(await next(input), context.info.activityType)
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
      message: cut(`${message}. Next: ${next}`),
      type: code,
      nonRetryable,
      details: [Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, cut(fact)]))],
      // the words stand in it twice more
      ...(message.length <= MAX_WORDS && { cause: error }),
    })
  }
  const known = error instanceof Error ? error : new Error(String(error))
  const nonRetryable = isOfTheCode(error) || attempt >= UNFORESEEN_ATTEMPTS
  return ApplicationFailure.create({ message: known.message, type: known.name, nonRetryable, cause: known })
}

/** Temporal refuses 2 MB, and would try the activity again for as long as it may take, each time in vain. */
const MAX_RESULT_BYTES = 1_500_000

/** Throws RESULT_TOO_LARGE, which is not tried again. */
function requireSmall<T>(result: T, activity: string): T {
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '')
  if (bytes <= MAX_RESULT_BYTES) return result
  throw failure('RESULT_TOO_LARGE', { activity, expected: MAX_RESULT_BYTES, found: bytes })
}

/**
 * UTF-16 units. Longer than any list of losses of a thousand partitions, which people copy; with its copies below the 2 MB above which
 * another failure, without its code, takes the place of this one.
 */
const MAX_WORDS = 150_000

function cut<T>(fact: T): T | string {
  return typeof fact === 'string' && fact.length > MAX_WORDS ? `${fact.slice(0, MAX_WORDS).toWellFormed()}...` : fact
}

/** An AbortSignal's own error: the SDK tells by the signal that this was a cancellation. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
