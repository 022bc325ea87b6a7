// `sluice worker` as a process of its own, as a person starts it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

type Ending = [code: number | null, signal: NodeJS.Signals | null]

export interface LiveWorker {
  readonly child: ChildProcess
  /** what it printed so far */
  readonly log: readonly string[]
  /** Resolves when it polls. Rejects when it ends before. */
  readonly ready: Promise<void>
  /** SIGTERM, and SIGKILL for one that has not ended 30 s later. */
  stop(): Promise<Ending>
}

/** `env` is added to this process's environment. */
export function spawnWorker(env: Readonly<Record<string, string>>, args: readonly string[] = []): LiveWorker {
  const child = spawn(process.execPath, ['cli/main.ts', 'worker', ...args], { env: { ...process.env, ...env } })
  const log: string[] = []
  const ended = once(child, 'exit') as Promise<Ending>
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        log.push(String(chunk))
        if (log.join('').includes('worker: ready')) resolve()
      })
    child.once('exit', () => reject(new Error(`the worker ended: ${log.join('')}`)))
  })
  ready.catch(() => {}) // nobody may be waiting for it any more
  return {
    child,
    log,
    ready,
    async stop() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 30_000)
      const ending = await ended
      clearTimeout(impatience)
      return ending
    },
  }
}
