// Runs a trainer of one's own: the job in, its lines out; ended as a group of processes when the caller loses interest.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type ExternalJob, type ExternalLine, parseExternalLine } from '../../../schemas/external-trainer.ts'
import { failure } from '../../../schemas/failures.ts'

/** From SIGTERM to SIGKILL; less than what the caller itself is given. */
const GRACE_MS = 3_000
/** characters of the program's output that a TRAINER_FAILED keeps */
const LOG_TAIL = 2_000

export interface RunExternalProgram {
  readonly command: readonly string[]
  /** working directory, absolute */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onLine: (line: Exclude<ExternalLine, { type: 'error' }>) => void
  /** ends the program; the promise then rejects with the signal's reason */
  readonly signal?: AbortSignal | undefined
}

/**
 * Resolves when the program ended with exit code 0 and without an `error` line. Throws TRAINER_FAILED for another end of its own making,
 * TRAINER_DIED when a signal killed it, TRAINER_OUTPUT_INVALID for a line that breaks the contract.
 */
export async function runExternalProgram(job: ExternalJob, options: RunExternalProgram): Promise<void> {
  const { command, folder, env, onLine, signal } = options
  signal?.throwIfAborted()
  const trainer = command.join(' ')
  const [program, ...args] = command
  // a group of its own: what the program starts ends with it
  const child = spawn(program!, args, { cwd: folder, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const output = { log: '', step: 0, error: null as string | null, broken: null as unknown }
  const listen = (text: string): void => {
    const line = output.broken === null ? parseExternalLine(text, trainer) : null
    if (line === null) output.log = `${output.log}${text}\n`.slice(-LOG_TAIL)
    else if (line.type === 'error') output.error = line.message
    else {
      if (line.type === 'progress') output.step = line.step
      onLine(line)
    }
  }
  createInterface({ input: child.stderr }).on('line', (text) => {
    output.log = `${output.log}${text}\n`.slice(-LOG_TAIL)
  })
  createInterface({ input: child.stdout }).on('line', (text) => {
    try {
      listen(text)
    } catch (error) {
      output.broken ??= error
      endGroup(child, 'SIGKILL')
    }
  })
  child.stdin.on('error', () => {}) // EPIPE of a program that is gone: its end says more
  child.stdin.write(`${JSON.stringify(job)}\n`) // stays open: its end tells the program to stop
  const stopped = endWhenAborted(child, signal)
  const endWithUs = (): void => endGroup(child, 'SIGKILL')
  process.once('exit', endWithUs)
  try {
    const ended = await endOf(child)
    signal?.throwIfAborted()
    if (output.broken !== null) throw output.broken
    const { log, step, error } = output
    if (error !== null) throw failure('TRAINER_FAILED', { trainer, found: `the error "${error}"`, log: log.trim() })
    if (ended.startsWith('signal')) throw failure('TRAINER_DIED', { found: ended, step, log })
    if (ended !== 'exit code 0') throw failure('TRAINER_FAILED', { trainer, found: ended, log: log.trim() })
  } finally {
    stopped()
    process.removeListener('exit', endWithUs)
    child.stdin.destroy()
    endGroup(child, 'SIGKILL') // whatever it started and left
  }
}

/** How the program ended, once all that it printed was read. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message)) // it could not be started
    child.once('close', (code, killedBy) => resolve(killedBy === null ? `exit code ${code}` : `signal ${killedBy}`))
  })
}

/** → stops listening. */
function endWhenAborted(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    endGroup(child, 'SIGTERM')
    timer = setTimeout(() => endGroup(child, 'SIGKILL'), GRACE_MS)
  }
  signal?.addEventListener('abort', end, { once: true })
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return // it never started
  try {
    process.kill(-pid, signal)
  } catch {} // gone
}
