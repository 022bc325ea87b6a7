// Ctrl-C and SIGTERM for commands that own something: the first asks to stop, the second ends at once.
import { EXIT } from './exit-codes.ts'

/** A person who asked for the end should not wait longer. */
const END_WITHIN_MS = 900
/** For what is left over when the work has ended: sockets in the midst of closing, calls to a server that does not answer. */
const LEAVE_WITHIN_MS = 100

export interface Interrupts {
  /** asked when the first signal comes; true: the work has something to hand over, and ends when that is done; default: false */
  readonly handsOver?: () => boolean
}

/** Runs `work` with a signal that the first SIGINT or SIGTERM aborts; its reason says which. */
export async function withInterrupts<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { handsOver = () => false }: Interrupts = {},
): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const handle = (name: NodeJS.Signals): void => {
    if (signal.aborted) process.exit(interruptCode(signal))
    controller.abort(new Error(name))
    if (!handsOver()) exitLater(signal, END_WITHIN_MS)
  }
  process.on('SIGINT', handle).on('SIGTERM', handle)
  try {
    return await work(signal)
  } finally {
    process.off('SIGINT', handle).off('SIGTERM', handle)
    if (signal.aborted) exitLater(signal, LEAVE_WITHIN_MS)
  }
}

/** 130 after Ctrl-C, 143 after SIGTERM: as shells report it. */
export function interruptCode({ reason }: AbortSignal): number {
  return (reason as Error).message === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

/** Does not keep the process by itself. */
function exitLater(signal: AbortSignal, ms: number): void {
  setTimeout(() => process.exit(process.exitCode ?? interruptCode(signal)), ms).unref()
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Throws the signal's reason as soon as it aborts: what goes on behind that ends with the process. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = untilAborted(signal).then(() => Promise.reject(signal.reason))
  work.catch(() => {})
  aborted.catch(() => {})
  return await Promise.race([work, aborted])
}
