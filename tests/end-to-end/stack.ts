// The whole product in a folder of its own, driven by its command line as a user drives it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { Client, Connection } from '@temporalio/client'
import { loadConfig } from '../../core/config.ts'
import { ROOT_DIR } from '../../infra/places.ts'
import { killServer, startServers, stopServers } from '../../infra/servers/servers.ts'
import type { Endpoints, ServerName } from '../../schemas/endpoints.ts'

export interface Answer {
  readonly code: number
  /** the one JSON document on stdout; undefined when there was none */
  readonly json: unknown
  /** what a person would have read */
  readonly text: string
}

export interface Stack {
  readonly endpoints: Endpoints
  readonly stateDir: string
  readonly client: Client
  /** Runs `sluice ARGS --json` to its end. */
  sluice(args: readonly string[], env?: Environment): Promise<Answer>
  /** `sluice serve` on a free port; resolves with its URL when it answers. */
  serve(pipelines: readonly string[]): Promise<string>
  /** A `sluice` that goes on, such as worker; stopped with the stack. */
  start(args: readonly string[], env?: Environment): ChildProcess
  kill(name: ServerName): Promise<void>
  /** Brings killed servers back on the same ports and data. */
  restart(): Promise<void>
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

/** Servers on ports and in a folder of their own. `projectDir` holds the pipelines. */
export async function openStack({
  name,
  projectDir = ROOT_DIR,
}: {
  name: string
  projectDir?: string
}): Promise<Stack> {
  mkdirSync(path.join(ROOT_DIR, '.sluice'), { recursive: true })
  const stateDir = mkdtempSync(path.join(ROOT_DIR, '.sluice', `${name}-`))
  const { cacheDir, s3Server } = loadConfig()
  const endpoints = await startServers({ stateDir, cacheDir, s3Server })
  const base = { ...process.env, SLUICE_PROJECT: projectDir, SLUICE_STATE: stateDir, NO_COLOR: '1' }
  const children = new Set<ChildProcess>()
  const connection = await Connection.connect({ address: endpoints.temporal.address })
  const start = (args: readonly string[], env: Environment = {}, stdout?: 'pipe'): ChildProcess => {
    const log = openSync(path.join(stateDir, `${args[0]}.log`), 'a')
    const child = spawn(process.execPath, [path.join(ROOT_DIR, 'cli', 'main.ts'), ...args], {
      env: { ...base, ...env },
      stdio: ['ignore', stdout ?? log, log],
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  return {
    endpoints,
    stateDir,
    client: new Client({ connection, namespace: endpoints.temporal.namespace }),
    sluice: (args, env = {}) => answerOf([...args, '--json'], { ...base, ...env }),
    start,
    async serve(pipelines) {
      const child = start(['serve', ...pipelines, '--port', '0', '--json'], {}, 'pipe')
      for await (const line of createInterface({ input: child.stdout! }))
        return (JSON.parse(line) as { url: string }).url
      throw new Error(`sluice serve ended without an address: see ${stateDir}/serve.log`)
    },
    kill: (server) => killServer({ stateDir, name: server }),
    restart: async () => void (await startServers({ stateDir, cacheDir, s3Server })),
    async close() {
      await connection.close()
      await Promise.all([...children].map(stopChild))
      await stopServers({ stateDir })
      if (process.env.SLUICE_KEEP_STATE !== '1') await rm(stateDir, { recursive: true, force: true })
    },
  }
}

/** SIGTERM, then SIGKILL where that is not enough. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await gone
  clearTimeout(timer)
}

async function answerOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  const child = spawn(process.execPath, [path.join(ROOT_DIR, 'cli', 'main.ts'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  const line = stdout.trim().split('\n').at(-1) ?? ''
  return { code: code ?? -1, json: line === '' ? undefined : JSON.parse(line), text }
}

/** PIDs of the children of a process, by the kernel's own list. */
export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return list === '' ? [] : list.split(' ').map(Number)
}
