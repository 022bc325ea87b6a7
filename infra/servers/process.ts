// Starts and stops long-running children that outlive this process, found again through a pid file.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFolder } from '../../core/make-folder.ts'
import { identify, isSame, type ProcessIdentity } from '../../core/process-identity.ts'
import { writeWholeFile } from '../../core/whole-file.ts'
import { failure } from '../../schemas/failures.ts'
import { waitUntilFree } from './ports.ts'

export interface Launch {
  /** for messages */
  readonly name: string
  /** working folder; holds `log` and `pid` */
  readonly folder: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** ports that the child will listen on: a port that somebody else holds would look ready */
  readonly ports: readonly number[]
  /** true when the server answers; a throw means not yet */
  readonly isReady: () => Promise<boolean>
  readonly readyWithinMs: number
  /** how long a port may still be held by a process that is ending; default 10 s */
  readonly portWaitMs?: number
  /** aborted: it is not started, or stopped, and the reason is thrown */
  readonly signal?: AbortSignal | undefined
}

export interface Stopped {
  readonly wasRunning: boolean
  /** true when SIGTERM was not enough */
  readonly forced: boolean
  readonly tookMs: number
}

const POLL_MS = 30
const MAX_LOG_BYTES = 16 * 1024 * 1024

/** Of one that is stopped in haste: it has written nothing yet that a kill would lose. */
const HASTE_MS = 500

/** The process that a folder's pid file names, if exactly that process still runs. */
export function runningIn(folder: string): ProcessIdentity | undefined {
  try {
    const { pid, born } = JSON.parse(readFileSync(path.join(folder, 'pid'), 'utf8')) as ProcessIdentity
    return isSame({ pid, born }) ? { pid, born } : undefined
  } catch {
    return undefined // no pid file, or one that was cut off while being written
  }
}

/**
 * Starts a child and resolves when it is ready; does nothing when the folder's process still runs and answers.
 * Throws when a port is taken, when the child exits first (with the end of its log), or when time runs out.
 */
export async function launch(options: Launch): Promise<ProcessIdentity> {
  const { folder, name, ports, portWaitMs = 10_000 } = options
  const already = runningIn(folder)
  if (already !== undefined) {
    await untilReady({ ...options, signal: undefined }, already) // it is not this start's to stop
    return already
  }
  await makeFolder(folder)
  for (const port of ports) {
    if (!(await waitUntilFree(port, portWaitMs))) {
      throw failure('PORT_TAKEN', { server: name, port })
    }
  }
  options.signal?.throwIfAborted()
  const identity = await spawnDetached(options)
  await untilReady(options, identity)
  return identity
}

/**
 * SIGTERM, then SIGKILL after `graceMs`: to the pid file's process and no other.
 * The default leaves a broker time to write its class archive on a busy machine.
 */
export async function stop(folder: string, graceMs = 45_000): Promise<Stopped> {
  const startedMs = Date.now()
  const running = runningIn(folder)
  let forced = false
  if (running !== undefined) {
    signal(running, 'SIGTERM')
    forced = !(await untilGone(running, graceMs))
    if (forced) await kill(folder)
  }
  // left in place after a crash or a SIGKILL: the next start sees that nobody tidied up
  if (running !== undefined && !forced) rmSync(path.join(folder, 'pid'), { force: true })
  return { wasRunning: running !== undefined, forced, tookMs: Date.now() - startedMs }
}

/** SIGKILL; returns when the process is gone. The pid file stays, as after a crash. */
export async function kill(folder: string): Promise<void> {
  const running = runningIn(folder)
  if (running === undefined) return
  signal(running, 'SIGKILL')
  await untilGone(running, 30_000)
}

async function spawnDetached({ folder, name, command, args, env }: Launch): Promise<ProcessIdentity> {
  const logFile = path.join(folder, 'log')
  keepLogSmall(logFile)
  const log = openSync(logFile, 'a')
  try {
    const child = spawn(command, args, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
    })
    await once(child, 'spawn').catch((error: Error) => {
      throw failure('SERVER_DIED', { server: name, detail: `cannot start ${command}`, log: logFile }, error)
    })
    child.unref()
    const identity = child.pid === undefined ? undefined : identify(child.pid)
    if (identity === undefined) throw exited(name, folder)
    await writeWholeFile(path.join(folder, 'pid'), JSON.stringify(identity))
    return identity
  } finally {
    closeSync(log)
  }
}

async function untilReady(launched: Launch, identity: ProcessIdentity): Promise<void> {
  const { name, folder, isReady, readyWithinMs, signal } = launched
  const deadlineMs = Date.now() + readyWithinMs
  for (;;) {
    if (signal?.aborted) {
      await stop(folder, HASTE_MS)
      throw signal.reason
    }
    if (!isSame(identity)) throw exited(name, folder)
    if (await isReady().catch(() => false)) return
    if (Date.now() > deadlineMs) {
      await stop(folder)
      throw failure('SERVER_NOT_READY', {
        server: name,
        ms: readyWithinMs,
        detail: endOfLog(folder),
        log: path.join(folder, 'log'),
      })
    }
    await delay(POLL_MS)
  }
}

async function untilGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs
  while (isSame(identity)) {
    if (Date.now() > deadlineMs) return false
    await delay(POLL_MS)
  }
  return true
}

function signal({ pid }: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // ESRCH: it ended by itself meanwhile
  }
}

function exited(name: string, folder: string): Error {
  return failure('SERVER_DIED', { server: name, detail: endOfLog(folder), log: path.join(folder, 'log') })
}

function endOfLog(folder: string): string {
  return readFileSync(path.join(folder, 'log'), 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}

function keepLogSmall(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`)
}
