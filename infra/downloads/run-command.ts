// Runs a command to its end, with its output kept for the error message and a line now and then while it is slow.
import { spawn } from 'node:child_process'

export interface CommandResult {
  /** undefined: the program could not be started, or a signal ended it */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  /** added to this process's environment */
  readonly env?: Readonly<Record<string, string>>
  /** killed after this time; default 30 minutes */
  readonly timeoutMs?: number
  /** told "still LABEL (N s)" every 15 s */
  readonly progress?: { readonly label: string; readonly say: (line: string) => void }
}

const PROGRESS_EVERY_MS = 15_000

/** Never throws for a program that is missing or fails: look at `code`. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { cwd, env = {}, timeoutMs = 30 * 60_000, progress } = options
  const startedMs = Date.now()
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      ...(cwd === undefined ? {} : { cwd }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = setInterval(() => {
      progress?.say(`still ${progress.label} (${Math.round((Date.now() - startedMs) / 1000)} s)`)
    }, PROGRESS_EVERY_MS)
    const finish = (code: number | undefined, extra: string) => {
      clearInterval(timer)
      resolve({ code, stdout, stderr: stderr + extra })
    }
    child.once('error', (error) => finish(undefined, error.message))
    child.once('close', (code, signal) => finish(code ?? undefined, signal === null ? '' : `ended by ${signal}`))
  })
}

/** The last lines of a failed command's output, for a message that a person reads. */
export function lastLines({ stdout, stderr }: Pick<CommandResult, 'stdout' | 'stderr'>, lines = 8): string {
  const text = stderr.trim() === '' ? stdout : stderr
  return text.trim().split('\n').slice(-lines).join('\n')
}
