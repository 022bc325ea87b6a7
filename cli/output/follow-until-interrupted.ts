// Watching what goes on by itself: Ctrl-C ends the watching, not what is watched.
import { interruptCode, withInterrupts } from '../interrupt.ts'
import type { Output } from './output.ts'

/** The result; or the exit code of one who stopped watching, which is then said. `what`: e.g. "the run". */
export async function followUntilInterrupted<T extends object>(
  { what, output }: { readonly what: string; readonly output: Output },
  follow: (signal: AbortSignal) => Promise<T>,
): Promise<T | number> {
  const result = await withInterrupts((signal) =>
    follow(signal).catch((error) => {
      if (!signal.aborted) throw error
      return interruptCode(signal)
    }),
  )
  if (typeof result === 'number') output.line(`no longer watching; ${what} goes on`)
  return result
}
