// Ctrl-C for commands that own something: the first asks to stop, the second ends at once.
import { EXIT } from './exit-codes.ts'

/** Runs `work` with a signal that the first SIGINT or SIGTERM aborts. */
export async function withInterrupts<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const handle = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  }
  process.on('SIGINT', handle).on('SIGTERM', handle)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', handle).off('SIGTERM', handle)
  }
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
