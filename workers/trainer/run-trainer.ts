// Runs the trainer as a child process: job in, lines out, ended when the caller loses interest.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { dirname, extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Config, childEnvironment } from '../../core/config.ts'
import type { Endpoints } from '../../schemas/endpoints.ts'
import { failure } from '../../schemas/failures.ts'
import type { TrainerJob, TrainerLine } from '../../schemas/trainer.ts'
import { withoutAllocator } from '../ingest/allocator.ts'
import { UNEXPECTED } from './trainer-given-up.ts'
import { openTrainingLog } from './training-log.ts'

/** From SIGTERM to SIGKILL. With BEAT_EVERY_MS before it, a cancelled training is gone after 5 s, whatever its process does. */
const GRACE_MS = 4_000
/** characters of the child's log that a TRAINER_DIED keeps */
const LOG_TAIL = 2_000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

export interface RunTrainerOptions {
  readonly onLine: (line: TrainerLine) => void
  /** ends the child: SIGTERM, after 4 s SIGKILL; the promise then rejects with the signal's reason */
  readonly signal: AbortSignal
  readonly endpoints: Endpoints
  readonly config: Pick<Config, 'projectDir'> & Partial<Pick<Config, 'tensorboardDir'>>
  /** the program to run; default: trainer.ts beside this file */
  readonly program?: string
}

/**
 * Resolves with the last line, `trained`, `evaluated` or `checked`. An `error` line is thrown as the failure it names.
 * Throws TRAINER_DIED when the process ends otherwise, or with an error outside the catalogue.
 */
export async function runTrainer(job: TrainerJob, options: RunTrainerOptions): Promise<TrainerLine> {
  const { signal, onLine, endpoints, config, program = trainerProgram() } = options
  signal.throwIfAborted()
  const child = spawn(process.execPath, [program], {
    cwd: config.projectDir,
    env: withoutAllocator(childEnvironment(endpoints)),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {}) // EPIPE of a child that is gone: its end says more
  child.stdin.write(`${JSON.stringify(job)}\n`) // stays open: its end would end the child
  const stopped = endWhenAborted(child, signal)
  const log = openTrainingLog(config.tensorboardDir, job)
  const output = followOutput(child, (line) => {
    log.write(line)
    onLine(line)
  })
  try {
    const ended = await endOf(child)
    signal.throwIfAborted()
    return resultOf(output, ended)
  } finally {
    stopped()
    child.stdin.destroy()
  }
}

interface Output {
  /** newest line that ends a job */
  last: Extract<TrainerLine, { type: 'trained' | 'evaluated' | 'checked' | 'error' }> | null
  /** newest step that was heard of */
  step: number
  /** end of what was printed besides lines */
  log: string
}

function followOutput(child: Child, onLine: (line: TrainerLine) => void): Output {
  const output: Output = { last: null, step: 0, log: '' }
  const remember = (text: string): void => {
    output.log = `${output.log}${text}\n`.slice(-LOG_TAIL)
  }
  createInterface({ input: child.stderr }).on('line', remember)
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parseLine(text)
    if (line === null) return remember(text)
    switch (line.type) {
      case 'progress':
        output.step = line.step
        break
      case 'checkpoint':
        output.step = line.checkpoint.step
        break
      case 'trained':
      case 'evaluated':
      case 'checked':
      case 'error':
        output.last = line
    }
    onLine(line)
  })
  return output
}

/** null for log text: libraries print to stdout too. */
function parseLine(text: string): TrainerLine | null {
  if (!text.startsWith('{"type":')) return null
  try {
    return JSON.parse(text) as TrainerLine
  } catch {
    return null // cut off by the end of the process
  }
}

/** How the process ended, once all that it printed was read. */
function endOf(child: Child): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(failure('TRAINER_DIED', { found: error.message, step: 0 }, error)))
    child.once('close', (code, killedBy) => resolve(killedBy === null ? `exit code ${code}` : `signal ${killedBy}`))
  })
}

function resultOf({ last, step, log }: Output, ended: string): TrainerLine {
  if (last === null) throw failure('TRAINER_DIED', { found: ended, step, log })
  if (last.type !== 'error') return last
  if (last.code === 'UNEXPECTED') {
    // facts: whether every attempt would end so
    throw failure('TRAINER_DIED', { found: `${UNEXPECTED}: ${last.message}`, step, log, ...last.facts })
  }
  throw failure(last.code, last.facts)
}

/** → stops listening. */
function endWhenAborted(child: Child, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    child.kill('SIGTERM')
    timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  }
  signal.addEventListener('abort', end, { once: true })
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

/** trainer.ts beside this file, with the extension of this file: .ts here, .js in the published package. */
function trainerProgram(): string {
  const self = fileURLToPath(import.meta.url)
  return join(dirname(self), `trainer${extname(self)}`)
}
