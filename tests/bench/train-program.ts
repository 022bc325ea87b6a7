// A child program of the training benchmark: one JSON request a line in, one answer out.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What a program says about one measurement. */
export interface Answer {
  /** rows per second after an epoch of warm-up */
  readonly examplesPerSecond: number
  /** values that training changes */
  readonly parameters: number
  /** tracing, compiling, checking: what the first step takes longer, or what comes before it */
  readonly prepareSeconds: number
  /** highest resident memory of the process so far */
  readonly peakMegabytes: number
  /** of a compiled graph */
  readonly nodes?: number
  readonly loadSeconds?: number
}

export interface Program {
  /** Throws when the program ends or answers with an error. */
  ask<T = Answer>(request: object): Promise<T>
  close(): Promise<void>
}

export function openProgram(
  [interpreter, file]: readonly [string, string],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child: ChildProcessWithoutNullStreams = spawn(interpreter, [file], { env: { ...process.env, ...environment } })
  const lines = createInterface({ input: child.stdout })
  const closed = once(child, 'close').then(() => null)
  let log = ''
  child.stderr.on('data', (text) => {
    log = `${log}${text}`.slice(-5000)
  })
  child.stdin.on('error', () => undefined) // said by `closed`
  return {
    async ask<T>(request: object): Promise<T> {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const answer = await Promise.race([once(lines, 'line'), closed])
      if (answer === null) throw new Error(`${file} ended:\n${log}`)
      const parsed = JSON.parse(answer[0]) as T & { error?: string }
      if (parsed.error !== undefined) throw new Error(parsed.error)
      return parsed
    },
    async close() {
      child.stdin.end()
      await closed
    },
  }
}
