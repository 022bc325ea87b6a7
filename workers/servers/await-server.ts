// A worker that starts before its servers do: it waits, says for whom, and goes on when they are there.
import { setTimeout as delay } from 'node:timers/promises'
import { FAILURES, isFailure } from '../../schemas/failures.ts'
import { type Server, whyUnreachable } from './reach.ts'

const LOOK_EVERY_MS = 1_000
/** A server that takes connections says something by then. */
const SILENT_AFTER_MS = 4_000
/** A log that somebody looks at later should say it again. */
const REMIND_EVERY_MS = 60_000

export interface Waiting {
  readonly signal: AbortSignal
  /** told what is waited for, and when that is over; absent: nothing is waited for, the first failure is thrown */
  readonly say: ((line: string) => void) | undefined
}

/**
 * The result of `connect`, tried again for as long as the server is away. Throws what no retry cures, and the signal's reason as
 * soon as it is aborted.
 */
export async function awaitServer<T>(server: Server, connect: () => Promise<T>, waiting: Waiting): Promise<T> {
  const { signal, say } = waiting
  if (say === undefined) return await connect()
  const teller = tellerOf(server, say)
  for (;;) {
    signal.throwIfAborted()
    const why = await whyUnreachable(server, signal)
    signal.throwIfAborted()
    try {
      if (why === null) {
        const silent = setTimeout(() => teller.away('it takes connections, and does not answer'), SILENT_AFTER_MS)
        const connected = await orAborted(connect(), signal).finally(() => clearTimeout(silent))
        teller.there()
        return connected
      }
      teller.away(why)
    } catch (error) {
      if (!isFailure(error) || FAILURES[error.code].retry === 'fatal') throw error
      teller.away(String(error.facts.detail ?? error.message))
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

/** Says once that the server is away, again when the reason is another one or a minute has passed, and when it is there. */
function tellerOf({ name, address }: Server, say: (line: string) => void) {
  let since: Date | null = null
  let last = { why: '', atMs: 0 }
  return {
    away(why: string): void {
      since ??= new Date()
      if (why === last.why && Date.now() - last.atMs < REMIND_EVERY_MS) return
      last = { why, atMs: Date.now() }
      say(`waits for ${name} at ${address} since ${since.toISOString()}: ${why}`)
      say(
        `  next: start it, or correct the settings (\`sluice doctor\`); this worker goes on by itself when it answers`,
      )
    },
    there(): void {
      if (since !== null)
        say(`${name} at ${address} is there after ${Math.round((Date.now() - since.getTime()) / 1_000)} s`)
    },
  }
}

/** The promise, or the signal's reason as soon as it is aborted: the clients' first calls cannot be stopped. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
