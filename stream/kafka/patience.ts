// Tries again while a broker is away, for a bounded time.
import { setTimeout as delay } from 'node:timers/promises'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

export interface Patience {
  /** from the first failure to giving up */
  readonly patienceMs: number
  readonly signal: AbortSignal | undefined
  /** whether a failed attempt may be repeated */
  readonly mayPass: (error: unknown) => boolean
  /** before a repetition; what it throws is ignored, the attempt itself will tell */
  readonly recover: () => Promise<void>
}

/**
 * Runs `attempt` until it succeeds. Throws its last error once time is up or it cannot pass, and the signal's reason on abort.
 * This is the client's own retry, below Temporal's: a broker that restarts must not cost the work done so far.
 */
export async function patiently<T>(attempt: () => Promise<T>, options: Patience): Promise<T> {
  const { patienceMs, signal, mayPass, recover } = options
  let deadlineMs: number | undefined
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted()
    try {
      return await unlessAborted(attempt(), signal)
    } catch (error) {
      signal?.throwIfAborted()
      deadlineMs ??= performance.now() + patienceMs
      if (!mayPass(error) || performance.now() + pauseMs >= deadlineMs) throw error
      await pause(pauseMs, signal)
      await unlessAborted(recover(), signal).catch(() => {})
    }
  }
}

/** Waits, or throws the signal's reason at once. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw error
  })
}

/** The promise, or the signal's reason as soon as it is aborted: kafkajs cannot cancel a request. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
