// A verb of the command line as a process of its own, as a person starts and interrupts it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

export interface LiveCommand {
  readonly child: ChildProcess
  /** what it printed so far, on both streams */
  text(): string
  /** what it printed so far on stderr */
  errors(): string
  /** Resolves, in ms since the start, when the text holds `words`. Rejects when it ends before, or after `withinMs`. */
  says(words: string, withinMs?: number): Promise<number>
  /** Sends the signal; resolves with how it ended, and ms later. */
  end(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly by: string | null; readonly ms: number }>
  readonly ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>
}

/** `env` is added to this process's environment. */
export function spawnCommand(args: readonly string[], env: Readonly<Record<string, string>>): LiveCommand {
  const startedMs = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'cli/main.ts', ...args], {
    env: { ...process.env, ...env },
  })
  const chunks: { readonly stream: 'out' | 'err'; readonly text: string }[] = []
  child.stdout.on('data', (chunk) => chunks.push({ stream: 'out', text: String(chunk) }))
  child.stderr.on('data', (chunk) => chunks.push({ stream: 'err', text: String(chunk) }))
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const text = (): string => chunks.map((chunk) => chunk.text).join('')
  return {
    child,
    text,
    errors: () => chunks.flatMap(({ stream, text: chunk }) => (stream === 'err' ? [chunk] : [])).join(''),
    async says(words, withinMs = 30_000) {
      for (;;) {
        if (text().includes(words)) return performance.now() - startedMs
        const late = performance.now() - startedMs > withinMs
        if (isOver || late)
          throw new Error(`expected "${words}" ${isOver ? 'before its end' : 'by now'}, found: ${text()}`)
        await delay(20)
      }
    },
    async end(signal) {
      const sentMs = performance.now()
      child.kill(signal)
      const [code, by] = await ended
      return { code, by, ms: performance.now() - sentMs }
    },
    ended,
  }
}
