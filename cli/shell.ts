// What every command shares: options, the context it works in, errors to exit codes.
import { CommanderError } from 'commander'
import { type Config, loadConfig } from '../core/config.ts'
import { asDiskFailure } from './disk-failure.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { createOutput, type Output, type Streams } from './output/output.ts'

export interface Context {
  readonly config: Config
  readonly output: Output
}

/** A command's work; the number is its exit code, nothing means 0. */
export type Work<Args extends readonly unknown[], Options> = (
  context: Context,
  args: Args,
  options: Options,
) => Promise<number | undefined> | Promise<void>

export interface Shell {
  readonly streams: Streams
  /** Wraps work as commander's action: context in, errors told, exit code kept. */
  action<Args extends readonly unknown[], Options>(
    work: Work<Args, Options>,
  ): (...parameters: unknown[]) => Promise<void>
  exitCode: number
}

export type Environment = Readonly<Record<string, string | undefined>>

export function createShell(streams: Streams, env?: Environment): Shell {
  const shell: Shell = {
    streams,
    exitCode: EXIT.ok,
    action(work) {
      return async (...parameters) => {
        // commander hands over: arguments…, options, command
        const options = parameters.at(-2) as never
        const output = createOutput(Boolean((options as { json?: boolean }).json), streams)
        try {
          const context = { config: loadConfig(env), output }
          shell.exitCode = (await work(context, parameters.slice(0, -2) as never, options)) ?? EXIT.ok
        } catch (error) {
          if (error instanceof CommanderError) throw error
          const told = asDiskFailure(error)
          output.error(told)
          shell.exitCode = exitCodeOf(told)
        }
      }
    },
  }
  return shell
}

/** Worked examples for the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
}

/** A wrong command line: exit code 2, the message as it is. */
export function usageError(message: string): CommanderError {
  return new CommanderError(EXIT.usage, 'sluice.usage', message)
}

/** For options that count: a positive integer, else a usage error. */
export function positiveInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw usageError(`expected a positive integer, found ${text}`)
}

/** For ports: 0 (a free one) to 65535, else a usage error. */
export function portNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  throw usageError(`expected a port from 0 to 65535, found ${text}`)
}
