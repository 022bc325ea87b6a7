// Trouble on the way is tried again until nothing new has come for a minute; a plain no is believed at once.
import { setTimeout as delay } from 'node:timers/promises'
import { failure, isFailure } from '../../schemas/failures.ts'
import { Refusal, Trouble } from './http.ts'
import { withoutPassword } from './proxy.ts'

/** Of one download; the default is for people who wait. */
export interface Patience {
  /** given up when no byte came for so long, over all attempts; default: a minute */
  readonly patienceMs?: number | undefined
  /** default: half a minute */
  readonly silenceMs?: number | undefined
}

export interface Attempt<T> extends Patience {
  /** for messages, e.g. "Kafka 4.4.0" */
  readonly what: string
  readonly url: string
  /** bytes that have come so far, over all attempts */
  readonly progressed: () => number
  readonly attempt: () => Promise<T>
}

/** Throws DOWNLOAD_FAILED in the end; a failure of the catalogue is passed on as it is. */
export async function withPatience<T>({ what, url, progressed, attempt, patienceMs = 60_000 }: Attempt<T>): Promise<T> {
  let deadlineMs = Date.now() + patienceMs
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 8000)) {
    const before = progressed()
    try {
      return await attempt()
    } catch (error) {
      if (isFailure(error)) throw error
      if (progressed() > before) {
        deadlineMs = Date.now() + patienceMs
        waitMs = 250
      }
      if (error instanceof Refusal || isUntrusted(error) || Date.now() + waitMs > deadlineMs) {
        const detail = `${withoutPassword(url)}: ${reasonOf(error)}`
        throw failure('DOWNLOAD_FAILED', { program: 'sluice', name: what, detail }, error)
      }
      await delay(waitMs)
    }
  }
}

/** Throws unless a status means success: a Refusal, or an error that is worth another attempt. */
export function requireSuccess(status: number, expected: readonly number[] = [200, 206]): void {
  if (expected.includes(status)) return
  const again = status >= 500 || status === 408 || status === 425 || status === 429
  const why = `HTTP ${status}${HINTS[status] ?? ''}`
  throw again ? new Trouble(why) : new Refusal(why)
}

const HINTS: Readonly<Record<number, string>> = {
  401: ' (wants a user and a password: in the address, or in ~/.netrc)',
  403: ' (not allowed for this user or network)',
  404: ' (not there)',
  407: ' (the proxy wants a user and a password: in HTTPS_PROXY)',
}

function isUntrusted(error: unknown): boolean {
  return /CERT|UNABLE_TO_|ALTNAME/.test((error as NodeJS.ErrnoException).code ?? '')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reason = error instanceof AggregateError ? (error.errors as Error[])[0] : error // one per address of a host
  const { message = '', code = '' } = (reason ?? error) as NodeJS.ErrnoException
  const advice = isUntrusted(reason) ? ' (name the file of your network’s certificate in NODE_EXTRA_CA_CERTS)' : ''
  return `${message || code || error.name}${advice}`
}
